//! The command line, as it is typed.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use deftly_engine::{CacheType, DraftSources, KernelLevel, Precision};
use deftly_eval::{TaskFilter, Wordings};
use deftly_prompts::Dialect;
use deftly_sim_adb::{ClockSource, FaultName};

/// A phone agent that runs on its owner's hardware.
#[derive(Debug, Parser)]
#[command(
    name = "deftly",
    version,
    after_help = "Examples:\n  deftly run \"Turn on Wi-Fi\"                 the embedded model drives the simulated phone\n  deftly eval sim --policy oracle           every task of the simulator, solved by its script\n  deftly device screenshot --out phone.png  what the phone shows\n\nExit codes: 0 the goal was reached, 1 it was not, 2 the program could not run."
)]
pub struct Cli {
    /// Say more: -v what is done and, in `run`, the replies by who had guessed them; -vv everything.
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
    /// The simulated phone for other programs.
    #[command(subcommand)]
    Sim(SimCommand),
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
    /// Instructions of the native engine: scalar, avx2, avxvnni or avx512 [default: the fastest that the processor has].
    #[arg(long, value_name = "LEVEL")]
    pub kernels: Option<KernelLevel>,
    /// How finely the native engine sees the activations; `wide`, 15 bits, is nearer to float arithmetic and slower.
    #[arg(long, value_enum, default_value_t = ActivationBits::Narrow)]
    pub activations: ActivationBits,
    /// Numbers in the native engine's KV cache: `i16`, whole numbers with a scale for every position, are as near as `f16` and
    /// faster.
    #[arg(long, value_enum, default_value_t = KvNumbers::I16)]
    pub kv_cache: KvNumbers,
    /// Where drafts come from: all, none, or some of context,history,calibrated,reuse,forced. The replies are the same,
    /// only faster or slower.
    #[arg(long, default_value_t, value_name = "SOURCES")]
    pub draft: DraftSources,
}

/// What the engine may keep on disk between runs.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Model")]
pub struct MemoryArgs {
    /// Keep no replies on disk, and use none of earlier runs to draft from.
    #[arg(long)]
    pub no_history: bool,
    /// Keep no computed prompt starts on disk, and use none of earlier runs.
    #[arg(long)]
    pub no_cache: bool,
    /// Where they are kept [default: deftly's folder among the user's caches].
    #[arg(long, env = "DEFTLY_CACHE_DIR", value_name = "FOLDER")]
    pub cache_dir: Option<PathBuf>,
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
    I16,
    F16,
    F32,
}

impl From<KvNumbers> for CacheType {
    fn from(numbers: KvNumbers) -> Self {
        match numbers {
            KvNumbers::I16 => Self::I16,
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
    /// `sim` or `sim:SEED`, the simulated phone; `android`, the phone that adb sees, or `android:SERIAL`, one of several
    /// or one in the network (`android:192.168.1.20:5555`); or `recorded:FILE`, which replays a trace.
    #[arg(long, default_value = "sim", value_name = "sim[:SEED]|android[:SERIAL]|recorded:FILE")]
    pub device: String,
}

/// How the model is asked.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sampling")]
pub struct SamplingArgs {
    /// How goal, history and screen are written for the model: compact, thoughtful (the same with a thought in each reply), t3a
    /// or droidtask.
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
    pub memory: MemoryArgs,
    /// Decide only when the screen has settled, not ahead of it. The decisions are the same, only later.
    #[arg(long)]
    pub no_overlap: bool,
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
    /// A text that only the phone gets, typed where the goal says `{{NAME}}`; it is read from an environment variable
    /// (may be repeated). Prompt, trace and log have the name.
    #[arg(long = "secret", value_name = "NAME=env:VAR", conflicts_with = "screenshots")]
    pub secrets: Vec<String>,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EvalDevice {
    /// In this process.
    Sim,
    /// The simulated phones served over the ADB protocol, behind adb and the service on the phone.
    Android,
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
    /// How the suite sim reaches its phones: by calls, or as real phones are reached, through adb.
    #[arg(long, value_enum, default_value_t = EvalDevice::Sim)]
    pub device: EvalDevice,
    /// The oracle makes the first so many steps of each task, then the policy goes on (suite sim): with 1, how it does in
    /// an app that is open already.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub guided_steps: usize,
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
    /// The simulated phone's time is the world's, as on a real phone.
    #[arg(long)]
    pub real_time: bool,
    /// Decide only when the screen has settled, not ahead of it. The decisions are the same, only later.
    #[arg(long)]
    pub no_overlap: bool,
    #[command(flatten)]
    pub sampling: EvalSamplingArgs,
    #[command(flatten)]
    pub model: ModelArgs,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sampling")]
pub struct EvalSamplingArgs {
    /// How goal, history and screen are written for the model: compact, thoughtful (the same with a thought in each reply), t3a
    /// or droidtask.
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
    /// What drafting would have made of recorded replies, without a model.
    Drafts(DraftsArgs),
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
    /// Compute the logits of every row, as when a draft is verified; else of the last one, as for a prompt.
    #[arg(long)]
    pub verify: bool,
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
    /// 0 takes the likeliest token always.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    pub temperature: f32,
    /// Serve every request without drafts too, and count the texts that are the same.
    #[arg(long)]
    pub verify_identical: bool,
    /// Compute a prompt up to the last line that begins like this before it is due, as in a run while the phone settles.
    #[arg(long, value_name = "TEXT")]
    pub known_until: Option<String>,
    /// Write prompts and replies in tokens, for `deftly bench drafts`.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example: deftly bench drafts --traces traces.jsonl --draft context,history --row-cost 0.15\n\nThe file is written by deftly bench sessions --record; a line is {\"prompt\": [tokens], \"reply\": [tokens]}."
)]
pub struct DraftsArgs {
    /// Recorded prompts and replies, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub traces: PathBuf,
    /// Where drafts come from. Only context and history can be replayed: the others need the model's logits.
    #[arg(long, default_value = "context,history", value_name = "SOURCES")]
    pub draft: DraftSources,
    /// What a row beyond the first adds to a pass, as a part of what a pass of one row costs.
    #[arg(long, default_value_t = 0.15, value_name = "PART")]
    pub row_cost: f64,
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
    /// Which kinds of device there are, and which phones are connected.
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
    /// How the screen is written: compact, thoughtful, t3a or droidtask. The last two show the whole message.
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
pub enum SimCommand {
    /// Serve a simulated phone over the ADB protocol, for adb and everything that uses it.
    Serve(ServeArgs),
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: deftly sim serve --port 5555 --seed 7
         adb connect 127.0.0.1:5555 && adb exec-out screencap -p > phone.png")]
pub struct ServeArgs {
    /// Where to listen; 0 takes any port that is free.
    #[arg(long, default_value_t = 5555)]
    pub port: u16,
    /// The phone that this seed draws [default: the plain phone of --device sim].
    #[arg(long)]
    pub seed: Option<u64>,
    /// The address to listen on. Whoever reaches it can use the phone.
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub bind: IpAddr,
    /// What moves the phone's clock.
    #[arg(long, value_enum, default_value_t = ClockArg::Real)]
    pub clock: ClockArg,
    #[arg(long = "fault", value_name = "FAULT", help = format!("Let something go wrong (may be repeated): {}", FaultName::HELP))]
    pub faults: Vec<FaultName>,
}

/// See [`ClockSource`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ClockArg {
    /// The real clock, as on a phone.
    Real,
    /// Looks at the screen: it settles as fast as it is looked at, and stands still otherwise.
    Looks,
}

impl From<ClockArg> for ClockSource {
    fn from(clock: ClockArg) -> Self {
        match clock {
            ClockArg::Real => Self::Real,
            ClockArg::Looks => Self::Looks,
        }
    }
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
    /// Where replies and prompt starts are kept, as in `run` [default: deftly's folder among the user's caches].
    #[arg(long, env = "DEFTLY_CACHE_DIR", value_name = "FOLDER")]
    pub cache_dir: Option<PathBuf>,
    /// Print a JSON object a line.
    #[arg(long)]
    pub json: bool,
}
