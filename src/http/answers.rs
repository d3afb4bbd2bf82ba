//! Answers: how a problem becomes one, with the headers that go with its code.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};

use crate::problem::{Problem, ProblemCode, Told};

/// The header with what is allowed.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The header with what remains of it.
const REMAINS: HeaderName = HeaderName::from_static("ratelimit");

/// Says in the headers of an answer what a caller is told of a rate.
pub fn tell(told: &Told, headers: &mut HeaderMap) {
    for (name, text) in [(POLICY, &told.policy), (REMAINS, &told.remains)] {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
}

impl Problem {
    /// The whole answer.
    pub fn respond(&self, request_id: &str) -> HttpResponse {
        let mut response = self.head().json(self.body(request_id));
        if let Some(too_many) = &self.too_many {
            tell(&too_many.told, response.headers_mut());
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(too_many.wait_seconds));
        }
        response
    }

    /// The answer without its body.
    pub fn head(&self) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        match self.code {
            ProblemCode::Unauthenticated => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            ProblemCode::RequestTimeout => {
                response.force_close();
            }
            ProblemCode::Unavailable
            | ProblemCode::Overloaded
            | ProblemCode::NotReady
            | ProblemCode::ReadTimeLimit
            | ProblemCode::PictureTimeLimit => {
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            _ => {}
        }
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, &**allow));
        }
        response
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        // The outermost middleware gives every answer its request id; see `app`.
        self.respond("")
    }
}

/// The id of a request, in its extensions.
#[derive(Clone)]
pub struct RequestId(pub String);
