//! `postigo route`.

use std::path::Path;
use std::process::ExitCode;

use postigo_api::{Error, Handler, RouteQuestion};

use crate::arguments::RouteOptions;
use crate::host::Host;
use crate::{exit, print};

/// Asks whoever serves the folder. The exit code says whether the message would be accepted.
pub(crate) async fn run(data: &Path, options: RouteOptions) -> Result<ExitCode, Error> {
    let question = RouteQuestion {
        recipient: options.recipient,
        sender: options.from,
        client: options.client.to_string(),
        user: options.user,
    };
    let asked = async |handler: &dyn Handler| handler.route_explain(question).await;
    let explanation = Host::ask(data, asked).await?;
    print::either(&explanation, options.json, || print!("{}", print::route::explanation(&explanation)));
    Ok(exit::answered(explanation.accepted))
}
