//! The transport protocol: messages on a connection, and the streams that they belong to.

mod connection;
mod message;
mod stream;

pub(crate) use connection::Connection;
pub(crate) use message::{HEADER, Header, MAX_PAYLOAD};
pub(crate) use stream::{Bytes, Closed, Stream};
