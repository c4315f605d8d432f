//! The `deftly` program: parses, runs, maps the result to an exit code.

mod args;
mod bench;
mod device;
mod doctor;
mod eval;
mod model;
mod models;
mod output;
mod run;
mod show;
mod sim;
mod stop;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::args::{BenchCommand, Cli, Command, SimCommand};

/// The goal was not reached.
const NOT_REACHED: u8 = 1;
/// The program could not run.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr(cli.verbose);
    match run_to_end(cli) {
        Ok(code) => ExitCode::from(code),
        // `deftly models list | head -1` is no failure of ours.
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::tell(&format!("error: {}", output::describe(&error)));
            ExitCode::from(FAILED)
        }
    }
}

fn run_to_end(cli: Cli) -> Result<u8> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the program's threads")?;
    let code = runtime.block_on(dispatch(cli));
    // A question on the terminal may still wait for its answer; nobody needs it any more.
    runtime.shutdown_background();
    code
}

async fn dispatch(cli: Cli) -> Result<u8> {
    match cli.command {
        Command::Run(args) => run::run(&args, cli.verbose, &stop::on_signals()).await,
        Command::Eval(args) => eval::run(&args, &stop::on_signals()).await.map(code),
        Command::Bench(BenchCommand::Forward(args)) => in_thread(move || bench::forward(&args)).await,
        Command::Bench(BenchCommand::Sessions(args)) => {
            let cancel = stop::on_signals();
            tokio::task::spawn_blocking(move || bench::sessions(&args, &cancel)).await?.map(code)
        }
        Command::Bench(BenchCommand::Drafts(args)) => in_thread(move || bench::drafts(&args)).await,
        Command::Bench(BenchCommand::Agreement(args)) => bench::agreement(args).await.map(|()| 0),
        Command::Device(command) => device::run(&command).await.map(|()| 0),
        Command::Sim(SimCommand::Serve(args)) => sim::run(&args, &stop::on_signals()).await.map(|()| 0),
        Command::Models(command) => in_thread(move || models::run(&command)).await,
        Command::Doctor(args) => doctor::run(&args).await.map(code),
    }
}

/// Runs what keeps a processor busy where it does not stop the runtime.
async fn in_thread(work: impl FnOnce() -> Result<()> + Send + 'static) -> Result<u8> {
    tokio::task::spawn_blocking(work).await?.map(|()| 0)
}

fn code(reached: bool) -> u8 {
    if reached { 0 } else { NOT_REACHED }
}

fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "warn,deftly=info,deftly_agent=info,deftly_android=info,deftly_engine=info",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("DEFTLY_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    // The crate that speaks to phones logs in Chinese, mistral.rs warns of what we do on purpose; their errors are returned.
    let quiet = ["uiautomator=off", "mistralrs_core=error"].into_iter().flat_map(str::parse);
    let filter = quiet.fold(filter, EnvFilter::add_directive);
    let color = show::wants_color(&std::io::stderr());
    let logger = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    logger.with_ansi(color).with_target(false).init();
}
