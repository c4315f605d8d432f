//! The command line, as it is typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use deftly_engine::{CacheType, KernelLevel, Precision};
use deftly_eval::{TaskFilter, Wordings};
use deftly_prompts::Dialect;

/// A phone agent that runs on its owner's hardware.
#[derive(Debug, Parser)]
#[command(
    name = "deftly",
    version,
    after_help = "Examples:\n  deftly run \"Turn on Wi-Fi\"                 the embedded model drives the simulated phone\n  deftly eval sim --policy oracle           every task of the simulator, solved by its script\n  deftly device screenshot --out phone.png  what the phone shows\n\nExit codes: 0 the goal was reached, 1 it was not, 2 the program could not run."
)]
pub struct Cli {
    /// Say more on stderr: -v what is done, -vv everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Reach a goal on a phone.
    Run(RunArgs),
    /// Measure an agent on a suite of tasks.
    Eval(EvalArgs),
    /// Measure the engine.
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Look at devices.
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Look at models.
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Check that everything deftly needs is there.
    Doctor(DoctorArgs),
}

/// Which model, and what runs it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Model")]
pub struct ModelArgs {
    /// `embedded`, a GGUF file, or a Hugging Face id (or a folder in its format).
    #[arg(long, default_value = "embedded", value_name = "embedded|FILE.gguf|HF-ID")]
    pub model: String,
    /// What runs it; `auto` takes the native engine for GGUF files and mistral.rs for the rest.
    #[arg(long, value_enum, default_value_t = Backend::Auto)]
    pub backend: Backend,
    /// Threads of the native engine [default: the physical cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Tokens that the KV cache holds [default: the model's own context, at most 8192].
    #[arg(long, value_name = "TOKENS")]
    pub context_length: Option<usize>,
    /// Instructions of the native engine: scalar or avx2 [default: the fastest that the processor has].
    #[arg(long, value_name = "LEVEL")]
    pub kernels: Option<KernelLevel>,
    /// How finely the native engine sees the activations; `wide`, 15 bits, is nearer to float arithmetic and slower.
    #[arg(long, value_enum, default_value_t = ActivationBits::Narrow)]
    pub activations: ActivationBits,
    /// Numbers in the native engine's KV cache.
    #[arg(long, value_enum, default_value_t = KvNumbers::F16)]
    pub kv_cache: KvNumbers,
    /// Give every token a pass of its own. The replies are the same, only slower.
    #[arg(long)]
    pub no_drafting: bool,
}

/// See [`Precision`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ActivationBits {
    #[default]
    Narrow,
    Wide,
}

impl From<ActivationBits> for Precision {
    fn from(bits: ActivationBits) -> Self {
        match bits {
            ActivationBits::Narrow => Self::Narrow,
            ActivationBits::Wide => Self::Wide,
        }
    }
}

/// See [`CacheType`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum KvNumbers {
    #[default]
    F16,
    F32,
}

impl From<KvNumbers> for CacheType {
    fn from(numbers: KvNumbers) -> Self {
        match numbers {
            KvNumbers::F16 => Self::F16,
            KvNumbers::F32 => Self::F32,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Backend {
    #[default]
    Auto,
    Native,
    Mistralrs,
}

/// Which phone.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Device")]
pub struct DeviceArgs {
    /// `sim` or `sim:SEED`, the simulated phone, or `recorded:FILE`, which replays a trace.
    #[arg(long, default_value = "sim", value_name = "sim[:SEED]|recorded:FILE")]
    pub device: String,
}

/// How the model is asked.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sampling")]
pub struct SamplingArgs {
    /// How goal, history and screen are written for the model: compact, t3a or droidtask.
    #[arg(long, default_value_t)]
    pub dialect: Dialect,
    /// 0 takes the likeliest token always.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    pub temperature: f32,
    /// Makes sampling repeatable.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: deftly run --device sim:7 --trace runs \"Set an alarm for 6:45\"")]
pub struct RunArgs {
    /// What should be done, in plain words.
    pub goal: String,
    #[command(flatten)]
    pub device: DeviceArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub sampling: SamplingArgs,
    /// Give up after so many steps.
    #[arg(long, default_value_t = 25, value_name = "N")]
    pub max_steps: u32,
    /// Give up after so many seconds.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub max_seconds: u64,
    /// Whether paying, sending, deleting and granting may go on: ask you, deny, or allow.
    /// [default: ask on a terminal, deny otherwise]
    #[arg(long, value_enum)]
    pub confirm: Option<ConfirmArg>,
    /// Use only these apps (may be repeated).
    #[arg(long = "app", value_name = "NAME")]
    pub apps: Vec<String>,
    /// Show what the agent would do first, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Keep a trace of the run, one JSON line a step: a new file in this folder, or this .jsonl file.
    #[arg(long, value_name = "DIR|FILE.jsonl")]
    pub trace: Option<PathBuf>,
    /// Put a screenshot of every step beside the trace.
    #[arg(long, requires = "trace")]
    pub screenshots: bool,
    /// Print every event as a JSON line instead of a step a line.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfirmArg {
    Ask,
    Deny,
    Allow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyArg {
    /// The model.
    Agent,
    /// The scripted solution of each task.
    Oracle,
    /// A random legal action.
    Random,
    /// The first element, always.
    First,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SuiteArg {
    /// Tasks on the simulated phone.
    Sim,
    /// Recorded steps in DroidTask's format, given with --data.
    Droidtask,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: deftly eval sim --tasks 'clock_*' --seeds 1,2,3 --json clock.json")]
pub struct EvalArgs {
    #[arg(value_enum)]
    pub suite: SuiteArg,
    /// Who acts.
    #[arg(long, value_enum, default_value_t = PolicyArg::Agent)]
    pub policy: PolicyArg,
    /// A task is run once for each seed.
    #[arg(long, value_delimiter = ',', default_value = "1", value_name = "N,N,...")]
    pub seeds: Vec<u64>,
    /// How goals are worded (suite sim): plain, varied, or held-out, which training never sees.
    #[arg(long, default_value_t)]
    pub wordings: Wordings,
    /// Only tasks whose name matches.
    #[arg(long, value_name = "GLOB")]
    pub tasks: Option<TaskFilter>,
    /// Only the first so many tasks.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// The file of recorded steps (suite droidtask).
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Write the report as JSON to this file; `-` is stdout. Episodes are kept beside it while it runs, so that an
    /// interrupted evaluation goes on where it stopped.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Fail if the success rate is below the one in this report by more than its interval allows.
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
    #[command(flatten)]
    pub sampling: EvalSamplingArgs,
    #[command(flatten)]
    pub model: ModelArgs,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sampling")]
pub struct EvalSamplingArgs {
    /// How goal, history and screen are written for the model: compact, t3a or droidtask.
    #[arg(long, default_value_t)]
    pub dialect: Dialect,
    /// 0 takes the likeliest token always.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    pub temperature: f32,
}

#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Milliseconds of one forward pass over n rows.
    Forward(ForwardArgs),
    /// Serve recorded requests in order, with prefix reuse.
    Sessions(SessionsArgs),
    /// How far the native engine and mistral.rs write the same text.
    Agreement(AgreementArgs),
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: deftly bench forward --model model.gguf --rows 1,4,8,512 --context 256 --json")]
pub struct ForwardArgs {
    #[command(flatten)]
    pub model: ModelArgs,
    /// Rows in one pass.
    #[arg(long, value_delimiter = ',', default_value = "1,2,4,8,16,32,64,128,256,512", value_name = "N,N,...")]
    pub rows: Vec<usize>,
    /// Tokens in the KV cache before the pass.
    #[arg(long, default_value_t = 256, value_name = "TOKENS")]
    pub context: usize,
    /// Passes of each size; the median counts.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeat: u32,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example: deftly bench sessions --model model.gguf --sessions requests.jsonl --limit 60 --json\n\nA line of the file is {\"session\", \"step\", \"prompt\", \"n_predict\"}; prompts are text with the template applied."
)]
pub struct SessionsArgs {
    #[command(flatten)]
    pub model: ModelArgs,
    /// The requests, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub sessions: PathBuf,
    /// Only the first so many.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// A JSON Schema that every reply must follow.
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: deftly bench agreement --model model.gguf --tokens 48")]
pub struct AgreementArgs {
    #[command(flatten)]
    pub model: ModelArgs,
    /// The length of each reply.
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub tokens: usize,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// Which kinds of device there are.
    #[command(after_help = "Example: deftly device list --json")]
    List {
        /// Print a JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Print the screen exactly as the model will see it.
    Show(ShowArgs),
    /// Save what the phone shows as a PNG.
    Screenshot(ScreenshotArgs),
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: deftly device show --xml window_dump.xml")]
pub struct ShowArgs {
    #[command(flatten)]
    pub device: DeviceArgs,
    /// A saved UIAutomator dump instead of a device.
    #[arg(long, value_name = "FILE", conflicts_with = "device")]
    pub xml: Option<PathBuf>,
    /// Open this app first.
    #[arg(long, value_name = "NAME", conflicts_with = "xml")]
    pub open: Option<String>,
    /// How the screen is written: compact, t3a or droidtask. All but compact show the whole message.
    #[arg(long, default_value_t)]
    pub dialect: Dialect,
    /// Print the elements with their bounds as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: deftly device screenshot --device sim:7 --open Shop --out shop.png")]
pub struct ScreenshotArgs {
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Open this app first.
    #[arg(long, value_name = "NAME")]
    pub open: Option<String>,
    /// Where to save it.
    #[arg(long, value_name = "FILE", default_value = "screenshot.png")]
    pub out: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Models that can be named: the embedded one, and GGUF files in a folder.
    #[command(after_help = "Example: deftly models list --dir ~/models")]
    List {
        /// Where to look for GGUF files.
        #[arg(long, value_name = "DIR", default_value = ".")]
        dir: PathBuf,
        /// Print a JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// What a model is: family, sizes, dtypes, tokenizer, template.
    #[command(after_help = "Example: deftly models show --model model.gguf")]
    Show {
        #[command(flatten)]
        model: ModelArgs,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: deftly doctor --json")]
pub struct DoctorArgs {
    /// Print a JSON object a line.
    #[arg(long)]
    pub json: bool,
}
