//! Temperatures.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Invalid, refusing};
use crate::problem_code::ProblemCode;

/// A temperature: milli-degrees Celsius inside and in events, degrees as a JSON number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Celsius(i32);

impl Celsius {
    /// The temperature in milli-degrees.
    pub fn milli(self) -> i32 {
        self.0
    }

    /// The temperature as decimal text: events hold no fractions as numbers.
    ///
    /// # Errors
    /// Never.
    #[allow(clippy::ref_option)] // the form that serde asks for
    pub fn as_text<S: Serializer>(value: &Option<Celsius>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(|celsius| format!("{}", f64::from(celsius.0) / 1000.0)).serialize(serializer)
    }

    /// The temperature that milli-degrees mean.
    pub fn from_milli(milli: i32) -> Self {
        Celsius(milli)
    }
}

impl Serialize for Celsius {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 1000.0)
    }
}

impl<'de> Deserialize<'de> for Celsius {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let degrees = f64::deserialize(deserializer)?;
        if !(-273.15..=200.0).contains(&degrees) {
            return Err(serde::de::Error::custom(Invalid::new(
                ProblemCode::InvalidTemperature,
                "must lie between -273.15 and 200 degrees Celsius",
            )));
        }
        // Three decimals as text, without the point, are the milli-degrees: no cast, no rounding twice.
        format!("{degrees:.3}").replace('.', "").parse().map(Celsius).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Celsius {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        refusing(ProblemCode::InvalidTemperature, &["A temperature in degrees Celsius, kept to a thousandth."])
            .schema_type(utoipa::openapi::schema::Type::Number)
            .minimum(Some(-273.15))
            .maximum(Some(200.0))
            .build()
            .into()
    }
}

impl utoipa::ToSchema for Celsius {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_keep_milli_degrees() {
        for (text, milli) in [("2", 2000), ("-20.5", -20500), ("-0.25", -250), ("25.0", 25000), ("0.1", 100)] {
            assert_eq!(serde_json::from_str::<Celsius>(text).unwrap().milli(), milli, "{text}");
        }
        assert!(serde_json::from_str::<Celsius>("-300").is_err());
        assert_eq!(serde_json::to_string(&Celsius::from_milli(-250)).unwrap(), "-0.25");
    }
}
