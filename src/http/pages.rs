//! Pages that are read and printed: HTML of their own, which loads and runs nothing; it reads the same on paper. Every text in them is
//! escaped ([`xml::text`]).

use crate::clock::Moment;
use crate::values::xml;

/// A moment, for people: to the second, in UTC.
pub fn time(moment: Moment) -> String {
    let text = moment.to_string();
    format!("{} UTC", text.get(..19).unwrap_or(&text).replace('T', " "))
}

const STYLE: &str = "body{font:11pt/1.45 Georgia,serif;max-width:46em;margin:2em auto;padding:0 1em;color:#111}\
    h1{font-size:1.5em;margin-bottom:.2em}h2{font-size:1.15em;margin-top:1.8em}article{border-top:1px solid #999;padding:.6em 0;\
    break-inside:avoid}article h3{font-size:1em;margin:0}article p{margin:.25em 0}dl{margin:.3em 0;display:grid;\
    grid-template-columns:max-content 1fr;gap:.05em 1em}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}\
    .proof,code{font:.8em/1.4 monospace;color:#444;overflow-wrap:anywhere}.gone{font-weight:bold}\
    table{border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.15em 1em .15em 0}\
    @media print{body{margin:0;max-width:none;font-size:9.5pt}a{color:inherit;text-decoration:none}}";

/// A page with a title.
pub fn page(title: &str, body: &str) -> String {
    styled(title, "", body)
}

/// The same with more to say of how it looks.
pub fn styled(title: &str, style: &str, body: &str) -> String {
    let title = xml::text(title);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title><style>{STYLE}{style}</style></head>\n<body>\n<h1>{title}</h1>\n{body}</body></html>\n"
    )
}
