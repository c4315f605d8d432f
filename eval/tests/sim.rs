//! Suite `sim` on its phones: every task can be solved, also after wrong steps, and says what the screen says.

use deftly_eval::suites::sim::{SimEpisode, Variation, templates};
use deftly_eval::trajectories::{Source, TrajectoryLine, TrajectoryOptions, write_trajectories};
use deftly_eval::{
    EvalEvent, EvalOptions, FirstDecider, Policy, SharedDecider, SimSuite, SimSuiteOptions, Wordings, evaluate,
};
use tokio_util::sync::CancellationToken;

const VARIATIONS: [Variation; 3] = [Variation::Canonical, Variation::Synonyms, Variation::Random];

#[tokio::test]
async fn the_oracle_solves_every_task() {
    for variation in VARIATIONS {
        let options = SimSuiteOptions { variation, ..SimSuiteOptions::default() };
        let evaluation = EvalOptions { seeds: vec![1, 2], baselines: false, ..EvalOptions::default() };
        let cancel = CancellationToken::new();
        let report = evaluate(&mut SimSuite::new(options), &Policy::Oracle, &evaluation, &cancel, &mut |_| ()).await;
        // The error names the tasks that the oracle does not solve.
        let report = report.unwrap_or_else(|error| panic!("{variation}: {error}"));
        assert_eq!(report.overall.success_rate, Some(1.0), "{variation}");
        assert_eq!(report.steps.over_optimal, Some(1.0), "{variation}");
        assert_eq!(report.metrics["finished_f1"].value, Some(1.0), "{variation}");
    }
}

#[test]
fn templates_are_well_formed() {
    let mut names = std::collections::BTreeSet::new();
    for template in templates() {
        let name = template.name;
        assert!(names.insert(name), "{name} is there twice");
        let app = template.apps.first().expect(name);
        assert!(name.starts_with(&format!("{app}_")), "{name} does not begin with its app, {app}");
        assert!(template.wordings.len() >= 2, "{name} has only one wording");
        for (variation, seed) in VARIATIONS.into_iter().zip(1..) {
            let instance = SimEpisode::new(template, seed, variation).instance;
            assert!(!instance.goal.contains(['{', '}']), "{name}: a placeholder is not filled: {}", instance.goal);
            assert_eq!(instance.task.kind(), template.kind, "{name}");
            let again = SimEpisode::new(template, seed, variation).instance;
            assert_eq!((instance.goal, instance.params), (again.goal, again.params), "{name} is not the same twice");
        }
    }
}

fn options(out: std::path::PathBuf, seeds: std::ops::Range<u64>) -> TrajectoryOptions {
    TrajectoryOptions {
        source: Source::Sim,
        wordings: Wordings::Plain,
        seeds,
        per_task: 1,
        variation: Variation::Random,
        wrong_step_rate: 0.25,
        learner: None,
        tasks: "settings_*".parse().unwrap(),
        without: None,
        strange_apps: 0,
        first_steps: false,
        out,
    }
}

#[tokio::test]
async fn trajectories_recover_from_wrong_steps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let cancel = CancellationToken::new();
    let count = write_trajectories(&options(path.clone(), 1000..1010), &cancel, &mut |_| ()).await.unwrap();
    assert!(count.episodes >= 4 * count.left_out, "too many episodes are not recovered: {count:?}");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<TrajectoryLine> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len() as u64, count.steps);
    assert!(lines.iter().all(|line| line.user.starts_with("Goal: ") && line.reply.starts_with("{\"action\":")));
    let ends = |line: &&TrajectoryLine| line.reply.contains("\"done\"") || line.reply.contains("\"answer\"");
    assert_eq!(lines.iter().filter(ends).count() as u64, count.episodes);
}

#[tokio::test]
async fn wrong_steps_are_the_learners() {
    let folder = tempfile::tempdir().unwrap();
    let cancel = CancellationToken::new();
    let mut texts = Vec::new();
    for learner in [None, Some(SharedDecider::new(Box::new(FirstDecider)))] {
        let path = folder.path().join(format!("{}.jsonl", learner.is_some()));
        let options = TrajectoryOptions { learner, ..options(path.clone(), 1000..1002) };
        let count = write_trajectories(&options, &cancel, &mut |_| ()).await.unwrap();
        assert!(count.episodes > count.left_out, "{count:?}");
        texts.push(std::fs::read_to_string(&path).unwrap());
    }
    assert_ne!(texts[0], texts[1]);
}

#[tokio::test]
async fn an_app_can_be_held_out() {
    let folder = tempfile::tempdir().unwrap();
    let cancel = CancellationToken::new();
    let mut screens = Vec::new();
    for without in [None, Some("clock".to_owned())] {
        let path = folder.path().join(format!("{}.jsonl", without.is_some()));
        let (variation, tasks) = (Variation::Canonical, "clock_*,settings_turn_*".parse().unwrap());
        let options = TrajectoryOptions { without, variation, tasks, ..options(path.clone(), 1000..1002) };
        write_trajectories(&options, &cancel, &mut |_| ()).await.unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("settings_turn_on_wifi"));
        screens.push(text);
    }
    let shows_clock = |text: &str| text.contains(r#"button \"Clock\""#) || text.contains("clock_");
    assert!(shows_clock(&screens[0]));
    assert!(!shows_clock(&screens[1]));
}

#[tokio::test]
async fn strange_apps_change_home_screens_only() {
    let folder = tempfile::tempdir().unwrap();
    let cancel = CancellationToken::new();
    let mut files = Vec::new();
    for strange_apps in [0, 3] {
        let path = folder.path().join(format!("{strange_apps}.jsonl"));
        let options = TrajectoryOptions { strange_apps, ..options(path.clone(), 1000..1004) };
        write_trajectories(&options, &cancel, &mut |_| ()).await.unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        files.push(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<TrajectoryLine>>());
    }
    let buttons = |line: &TrajectoryLine| line.user.lines().filter(|one| one.contains(" button ")).count();
    let mut added = 0;
    for (plain, strange) in files[0].iter().zip(&files[1]) {
        assert_eq!(plain.reply, strange.reply);
        let more = buttons(strange) - buttons(plain);
        assert!(more <= 3 && (more > 0) == (plain.user != strange.user), "{}", strange.user);
        assert!(more == 0 || plain.user.contains("Screen: Home screen"), "{}", strange.user);
        added += more;
    }
    assert!(added > 0 && files[0].len() == files[1].len());
}

#[tokio::test]
async fn first_steps_of_both_sources_look_alike() {
    let folder = tempfile::tempdir().unwrap();
    let cancel = CancellationToken::new();
    for (source, seeds) in [(Source::Sim, 1000..1004), (Source::Apps, 1000..1200)] {
        let path = folder.path().join(format!("{source:?}.jsonl"));
        let (tasks, variation) = ("".parse().unwrap(), Variation::Synonyms);
        let options = TrajectoryOptions { source, tasks, variation, first_steps: true, ..options(path.clone(), seeds) };
        write_trajectories(&options, &cancel, &mut |_| ()).await.unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<TrajectoryLine> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.iter().all(|line| line.step == 0 && line.user.contains("\nScreen: Home screen\n")));
        // Were the day written otherwise in drawn apps, it would tell whether the app is one of the phone's.
        let tells_day = |line: &&TrajectoryLine| line.user.contains(", 2026\"");
        let telling = lines.iter().filter(tells_day).count();
        assert!(2 * telling > lines.len(), "{telling} of {}", lines.len());
    }
}

#[tokio::test]
async fn the_oracle_may_begin() {
    // The first element never sets an alarm; where the oracle has made every step but the last, neither ends the episode.
    let tasks: deftly_eval::TaskFilter = "clock_start_stopwatch".parse().unwrap();
    let evaluation = EvalOptions { tasks, seeds: vec![1], baselines: false, ..EvalOptions::default() };
    let cancel = CancellationToken::new();
    for (guided_steps, is_reached) in [(0, false), (3, true), (60, true)] {
        let mut suite = SimSuite::new(SimSuiteOptions { guided_steps, ..SimSuiteOptions::default() });
        let mut reached = None;
        let mut look = |event: EvalEvent<'_>| {
            if let EvalEvent::Finished { episode, .. } = event {
                reached = episode.reached;
            }
        };
        let report = evaluate(&mut suite, &Policy::First, &evaluation, &cancel, &mut look).await.unwrap();
        assert_eq!(report.overall.successes, 0);
        assert_eq!(reached, Some(is_reached), "{guided_steps} guided steps");
    }
}

#[tokio::test]
async fn an_interrupted_file_is_continued() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let cancel = CancellationToken::new();
    write_trajectories(&options(path.clone(), 1000..1003), &cancel, &mut |_| ()).await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    for cut in [0, 100, whole.len() / 2, whole.len() - 1, whole.len()] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        write_trajectories(&options(path.clone(), 1000..1003), &cancel, &mut |_| ()).await.unwrap();
        assert!(std::fs::read(&path).unwrap() == whole, "cut at {cut}");
    }
    // Other seeds are added behind.
    write_trajectories(&options(path.clone(), 1003..1004), &cancel, &mut |_| ()).await.unwrap();
    assert!(std::fs::read(&path).unwrap().starts_with(&whole));
}
