//! stub
use crate::{connection::Connection, context::Context};
use postigo_api::Service;
use postigo_trace::{Ending, SessionTrace};
use std::sync::Arc;
pub(crate) async fn serve(
    _c: &Arc<Context>,
    _n: &mut Connection,
    _t: &SessionTrace,
    _s: Service,
) -> (Ending, String) {
    (Ending::Server, String::new())
}
