//! Tells the story: sends each step, prints who did what and what came back, and checks it.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use super::people::Person;
use super::step::{Answer, Chapter, Method, Step};
use crate::cli::print_line;
use crate::error::{Error, Result};

/// No answer of a small database takes longer; a demonstration must not hang.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Columns: who acts, and what they do.
const WHO: usize = 19;
const DOES: usize = 52;

/// Tells steps one after the other.
pub struct Teller {
    address: String,
    agent: ureq::Agent,
    tokens: HashMap<Person, String>,
    /// Values of earlier answers, by the names that the story gives them.
    kept: HashMap<&'static str, String>,
    /// The codes shown last: a pack that stays in hand is shown once.
    codes: Vec<String>,
    told: usize,
    /// How many commands a rule refused: as many refusals must be in the journal.
    refused: usize,
}

/// What came back.
struct Came {
    status: u16,
    body: Value,
}

impl Teller {
    /// A teller for the server at an address, with a token for everybody.
    pub fn new(address: String, tokens: HashMap<Person, String>) -> Self {
        // Every status is an answer here; each step says which one it must be.
        let agent =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build().new_agent();
        Teller { address, agent, tokens, kept: HashMap::new(), codes: Vec::new(), told: 0, refused: 0 }
    }

    /// How many steps were told.
    pub fn told(&self) -> usize {
        self.told
    }

    /// Tells a chapter.
    ///
    /// # Errors
    /// At the first step that is not as it must be; the text names it.
    pub fn tell(&mut self, chapter: &Chapter) -> Result<()> {
        self.codes.clear();
        print_line(&format!("\n{}", chapter.title))?;
        for step in &chapter.steps {
            self.told += 1;
            self.act(step).map_err(|why| {
                let (number, who, does) = (self.told, step.who.called(), &step.does);
                Error::internal(format!("step {number} is not as it must be: {who}, {does}: {why}"))
            })?;
        }
        Ok(())
    }

    fn act(&mut self, step: &Step) -> std::result::Result<(), String> {
        let body = step.body.clone().map(|body| self.filled(body)).transpose()?;
        let came = self.send(step, body.as_ref())?;
        let codes = body.as_ref().map(codes).unwrap_or_default();
        let new_codes = if codes == self.codes { &[] } else { codes.as_slice() };
        tell(step, new_codes, &came).map_err(|_| "standard output cannot be written".to_owned())?;
        if !codes.is_empty() {
            self.codes = codes;
        }
        let but = |must| format!("{must}, but the answer was {} {}", came.status, came.body);
        check(step, &came).map_err(but)?;
        for (pointer, value) in &step.values {
            has(&came.body, pointer, &self.filled(value.clone())?).map_err(but)?;
        }
        self.refused += usize::from(matches!(step.must, Answer::Refused(_)));
        if let Some(pointer) = step.every_refusal {
            let listed = came.body.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len);
            if listed != self.refused {
                return Err(format!("{} refusals must be listed, but there are {listed}", self.refused));
            }
        }
        for (name, pointer) in &step.keep {
            let value = came.body.pointer(pointer).ok_or_else(|| format!("the answer has no {pointer}"))?;
            self.kept.insert(name, words(value));
        }
        Ok(())
    }

    fn send(&self, step: &Step, body: Option<&Value>) -> std::result::Result<Came, String> {
        let url = format!("{}{}", self.address, self.path(&step.path)?);
        let token = self.tokens.get(&step.who).ok_or("nobody made a token for them")?;
        let bearer = format!("Bearer {token}");
        let answer = match step.method {
            Method::Get => self.agent.get(&url).header("Authorization", &bearer).call(),
            Method::Post => self.agent.post(&url).header("Authorization", &bearer).send_json(body),
            Method::Patch => self.agent.patch(&url).header("Authorization", &bearer).send_json(body),
        };
        let mut answer = answer.map_err(|e| format!("no answer: {e}"))?;
        let body = answer.body_mut().read_json().map_err(|e| format!("the answer is not JSON: {e}"))?;
        Ok(Came { status: answer.status().as_u16(), body })
    }

    /// A path with every `$name` replaced by what is kept under it.
    fn path(&self, path: &str) -> std::result::Result<String, String> {
        let mut parts = path.split('$');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            filled.push_str(&self.named(&format!("${name}"))?);
            filled.push_str(rest);
        }
        Ok(filled)
    }

    /// A text, or what is kept under its name when it starts with `$`.
    fn named(&self, text: &str) -> std::result::Result<String, String> {
        match text.strip_prefix('$') {
            Some(name) => self.kept.get(name).cloned().ok_or_else(|| format!("no earlier step kept {name}")),
            None => Ok(text.to_owned()),
        }
    }

    /// A body with every name replaced by what is kept under it.
    fn filled(&self, value: Value) -> std::result::Result<Value, String> {
        Ok(match value {
            Value::String(text) => Value::String(self.named(&text)?),
            Value::Array(items) => {
                Value::Array(items.into_iter().map(|item| self.filled(item)).collect::<std::result::Result<_, _>>()?)
            }
            Value::Object(fields) => {
                let fill = |(name, value)| Ok::<_, String>((name, self.filled(value)?));
                Value::Object(fields.into_iter().map(fill).collect::<std::result::Result<_, _>>()?)
            }
            other => other,
        })
    }
}

/// Prints a step: who, what, the answer; the codes that were scanned; every reason of a refusal.
fn tell(step: &Step, codes: &[String], came: &Came) -> Result<()> {
    let (who, does) = (step.who.called(), &step.does);
    print_line(format!("  {who:WHO$}{does:DOES$}{}", answer(step, came)).trim_end())?;
    let indent = WHO + 2;
    for code in codes {
        print_line(&format!("{:indent$}{code}", ""))?;
    }
    for reason in reasons(&came.body) {
        let (code, message) = (at(reason, "/code"), at(reason, "/message"));
        print_line(&format!("{:indent$}{code}: {message}", ""))?;
    }
    for (list, form) in &step.rows {
        for entry in came.body.pointer(list).and_then(Value::as_array).into_iter().flatten() {
            print_line(&format!("{:indent$}{}", "", filled_in(form, entry)))?;
        }
    }
    Ok(())
}

/// The answer in a few words.
fn answer(step: &Step, came: &Came) -> String {
    let status = came.status;
    if status >= 400 {
        return match at(&came.body, "/code").as_str() {
            "gate_refused" => format!("{status} refused"),
            code => format!("{status} {code}"),
        };
    }
    // A decision is shown where it is the answer; otherwise what was done is.
    let words = match (&step.must, came.body.pointer("/decision/allowed").and_then(Value::as_bool)) {
        (Answer::Yes | Answer::No(_), Some(allowed)) => (if allowed { "yes" } else { "no" }).to_owned(),
        _ => step.shows.map(|form| filled_in(form, &came.body)).unwrap_or_default(),
    };
    format!("{status} {words}")
}

/// The codes in a request, with the separator made visible.
fn codes(body: &Value) -> Vec<String> {
    let lines = body.get("lines").and_then(Value::as_array).into_iter().flatten();
    let scanned = ["code", "scan"].into_iter().filter_map(|field| body.get(field));
    let codes = scanned.chain(lines.filter_map(|line| line.get("scan"))).filter_map(Value::as_str);
    codes.map(|code| code.replace('\u{1d}', "␝")).collect()
}

/// The reasons of a refusal, or of a decision.
fn reasons(body: &Value) -> &[Value] {
    let found = body.get("reasons").or_else(|| body.pointer("/decision/reasons"));
    found.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether the answer is as it must be; otherwise what must have come.
fn check(step: &Step, came: &Came) -> std::result::Result<(), String> {
    let must = |holds: bool, what: &dyn Fn() -> String| if holds { Ok(()) } else { Err(what()) };
    must(came.status == step.status, &|| format!("it must be answered with {}", step.status))?;
    let allowed = came.body.pointer("/decision/allowed").and_then(Value::as_bool);
    let because = |codes: &[&str]| {
        let mut found: Vec<String> = reasons(&came.body).iter().map(|reason| at(reason, "/code")).collect();
        let mut wanted = codes.to_vec();
        found.sort();
        wanted.sort_unstable();
        must(found == wanted, &|| format!("the reasons must be {}", codes.join(", ")))
    };
    match step.must {
        Answer::Done => {}
        Answer::Yes => must(allowed == Some(true), &|| "the decision must be yes".to_owned())?,
        Answer::No(codes) => {
            must(allowed == Some(false), &|| "the decision must be no".to_owned())?;
            because(codes)?;
        }
        Answer::Refused(codes) => {
            must(at(&came.body, "/code") == "gate_refused", &|| "the code must be gate_refused".to_owned())?;
            because(codes)?;
        }
        Answer::Problem(code) => must(at(&came.body, "/code") == code, &|| format!("the code must be {code}"))?,
    }
    Ok(())
}

/// Whether the answer has a value; otherwise that it must.
fn has(body: &Value, pointer: &str, value: &Value) -> std::result::Result<(), String> {
    if body.pointer(pointer) == Some(value) { Ok(()) } else { Err(format!("{pointer} must be {value}")) }
}

/// The value at a pointer, in words.
fn at(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map(words).unwrap_or_default()
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A form with every `{/pointer}` replaced by the value there; `{/pointer:18}` pads it, `{/pointer:.19}` cuts it.
fn filled_in(form: &str, value: &Value) -> String {
    let mut parts = form.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (field, rest) = part.split_once('}').unwrap_or((part, ""));
        let (pointer, width) = field.split_once(':').unwrap_or((field, ""));
        let found = at(value, pointer);
        match width.strip_prefix('.').map(str::parse::<usize>) {
            Some(Ok(most)) => text.extend(found.chars().take(most)),
            _ => text.push_str(&format!("{found:width$}", width = width.parse::<usize>().unwrap_or(0))),
        }
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::step::{get, post};
    use serde_json::json;

    #[test]
    fn forms_show_values_padded_and_cut() {
        let value = json!({"kind": "held", "units": 2, "at": "2026-11-21T09:30:00.000000Z"});
        let form = "{/at:.10} {/kind:6}| {/units} units {/missing}.";
        assert_eq!(filled_in(form, &value), "2026-11-21 held  | 2 units .");
    }

    #[test]
    fn names_in_a_path_stand_for_what_was_kept() {
        let mut teller = Teller::new(String::new(), HashMap::new());
        teller.kept.insert("lot_a", "lot_1".to_owned());
        teller.kept.insert("site", "site_1".to_owned());
        assert_eq!(teller.path("/v1/lots/$lot_a/custody?at=$site"), Ok("/v1/lots/lot_1/custody?at=site_1".to_owned()));
        assert_eq!(teller.path("/v1/$other"), Err("no earlier step kept other".to_owned()));
    }

    #[test]
    fn an_answer_that_is_not_as_it_must_be_is_named() {
        let refusal = |codes: &[&str]| {
            let reasons: Vec<_> = codes.iter().map(|code| json!({"code": code, "message": "…"})).collect();
            Came { status: 409, body: json!({"code": "gate_refused", "reasons": reasons}) }
        };
        let asked = || post(Person::Nia, "administers", "/v1/administrations", json!({}));
        let refused = asked().refused(&["lot_expired", "lot_on_hold"]);
        assert_eq!(check(&refused, &refusal(&["lot_on_hold", "lot_expired"])), Ok(()));
        for codes in [&["lot_expired"][..], &["lot_expired", "lot_on_hold", "lot_recalled"], &[]] {
            assert_eq!(
                check(&refused, &refusal(codes)),
                Err("the reasons must be lot_expired, lot_on_hold".to_owned())
            );
        }
        assert_eq!(check(&asked(), &refusal(&[])), Err("it must be answered with 201".to_owned()));
        let lot = Came { status: 200, body: json!({"reconciliation": {"on_hand": 1}}) };
        let read = || get(Person::Omar, "reads", "/v1/lots/$lot");
        assert_eq!(check(&read(), &lot), Ok(()));
        assert_eq!(has(&lot.body, "/reconciliation/on_hand", &json!(1)), Ok(()));
        assert_eq!(
            has(&lot.body, "/reconciliation/on_hand", &json!(0)),
            Err("/reconciliation/on_hand must be 0".to_owned())
        );
        assert!(check(&read().says_yes(), &lot).is_err());
    }
}
