//! Which database: `postgres://…` or `sqlite://PATH`; the scheme chooses.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL connection string, as libpq takes it.
    Postgres(String),
}

/// A database URL with a scheme that is neither.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidUrl;

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be postgres://USER@HOST/DATABASE or sqlite://PATH")
    }
}

impl std::error::Error for InvalidUrl {}

impl FromStr for DatabaseUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        match text.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() => Ok(DatabaseUrl::Sqlite(PathBuf::from(path))),
            Some(("postgres" | "postgresql", rest)) if !rest.is_empty() => Ok(DatabaseUrl::Postgres(text.to_owned())),
            _ => Err(InvalidUrl),
        }
    }
}

impl DatabaseUrl {
    /// The file of an embedded database.
    pub fn file(&self) -> Option<&Path> {
        match self {
            DatabaseUrl::Sqlite(path) => Some(path),
            DatabaseUrl::Postgres(_) => None,
        }
    }

    /// The embedded database of a data directory.
    pub fn embedded(data_dir: &Path) -> Self {
        DatabaseUrl::Sqlite(data_dir.join("lotline.db"))
    }

    /// What whoever starts a process should know of its connections, if anything.
    ///
    /// # Errors
    /// When the URL asks for what there is not.
    pub fn warning(&self) -> crate::error::Result<Option<String>> {
        match self {
            DatabaseUrl::Sqlite(_) => Ok(None),
            DatabaseUrl::Postgres(address) => super::postgres::warning(self, address),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    /// Names the database without user or password: it may stand in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseUrl::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            DatabaseUrl::Postgres(url) => {
                let rest = url.rsplit_once('@').map_or("…", |(_, rest)| rest);
                write!(f, "postgres://{}", rest.split('?').next().unwrap_or(rest))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_chooses_and_logs_hold_no_password() {
        assert_eq!("sqlite://x/y.db".parse(), Ok(DatabaseUrl::Sqlite("x/y.db".into())));
        let url: DatabaseUrl = "postgres://nurse:secret@db.example:5432/lotline?sslmode=require".parse().unwrap();
        assert_eq!(format!("{url:?}"), "postgres://db.example:5432/lotline");
        for wrong in ["", "lotline.db", "mysql://h/d", "sqlite://"] {
            assert_eq!(wrong.parse::<DatabaseUrl>(), Err(InvalidUrl), "{wrong}");
        }
    }
}
