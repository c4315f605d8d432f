//! A report as text for people.

use std::fmt::Write;

use crate::report::{Group, Metric, Report, Score};

/// The report as tables: overall, per difficulty, per kind, per app, per task. Plain text, no colours.
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_report(&mut text, report);
    text
}

fn write_report(text: &mut String, report: &Report) -> std::fmt::Result {
    write_groups(text, "task", &report.per_task)?;
    write_groups(text, "app", &report.per_app)?;
    write_groups(text, "kind", &report.per_kind)?;
    write_groups(text, "difficulty", &report.per_difficulty)?;
    writeln!(text, "{} on {}: {}", report.policy, report.suite, score_text(&report.overall))?;
    for (name, metric) in &report.metrics {
        writeln!(text, "  {} {}", name.replace('_', " "), metric_text(metric))?;
    }
    for baseline in &report.baselines {
        write!(text, "  {} baseline: {}", baseline.policy, score_text(&baseline.score))?;
        if let Some(steps) = baseline.metrics.get("step_accuracy") {
            write!(text, ", step accuracy {}", metric_text(steps))?;
        }
        writeln!(text)?;
    }
    write_costs(text, report)?;
    if !report.errors.is_empty() {
        writeln!(text, "{} episodes could not be run and are not counted:", report.errors.len())?;
        for error in &report.errors {
            writeln!(text, "  {} seed {}: {}", error.task, error.seed, error.reason)?;
        }
    }
    Ok(())
}

fn write_groups(text: &mut String, title: &str, groups: &[Group]) -> std::fmt::Result {
    if groups.is_empty() {
        return Ok(());
    }
    let width = groups.iter().map(|group| group.name.chars().count()).max().unwrap_or(0).max(title.len());
    writeln!(text, "{title:width$}  success    of    95% interval   steps  optimal")?;
    for group in groups {
        let score = &group.score;
        writeln!(
            text,
            "{:width$}  {:>7}  {:>4}  {:>14}  {:>6}  {:>7}",
            group.name,
            percent(score.success_rate),
            score.episodes,
            interval_text(score.interval),
            one_decimal(group.steps),
            one_decimal(group.optimal_steps),
        )?;
    }
    writeln!(text)
}

fn write_costs(text: &mut String, report: &Report) -> std::fmt::Result {
    let steps = &report.steps;
    write!(text, "{} steps, {} per episode", steps.total, one_decimal(steps.per_episode))?;
    if let Some(ratio) = steps.over_optimal {
        write!(text, ", {ratio:.2} times the oracle's in solved episodes")?;
    }
    writeln!(text)?;
    if let Some(tokens) = &report.tokens.per_step
        && report.tokens.prompt > 0
    {
        writeln!(
            text,
            "per step: {:.0} prompt tokens ({:.0} reused, {:.0} prefilled), {:.1} decoded in {:.1} passes",
            tokens.prompt,
            tokens.reused,
            tokens.prefilled,
            tokens.decoded,
            report.tokens.passes as f64 / steps.total as f64
        )?;
    }
    let ms = &report.ms;
    if let Some(per_step) = ms.per_step {
        let share = |part: f64| part / steps.total as f64;
        writeln!(
            text,
            "per step: {per_step:.1} ms (observe {:.1}, decide {:.1} of which prefill {:.1} and decode {:.1}, act {:.1})",
            share(ms.observe),
            share(ms.decide),
            share(ms.prefill),
            share(ms.decode),
            share(ms.act),
        )?;
    }
    Ok(())
}

fn score_text(score: &Score) -> String {
    format!(
        "{} of {} solved, {} (95% {})",
        score.successes,
        score.episodes,
        percent(score.success_rate),
        interval_text(score.interval)
    )
}

fn metric_text(metric: &Metric) -> String {
    match metric.interval {
        Some(interval) => format!("{} (95% {})", percent(metric.value), interval_text(interval)),
        None => metric.value.map_or_else(|| "-".to_string(), |value| format!("{value:.3}")),
    }
}

fn percent(rate: Option<f64>) -> String {
    rate.map_or_else(|| "-".to_string(), |rate| format!("{:.1}%", rate * 100.0))
}

fn interval_text([low, high]: [f64; 2]) -> String {
    format!("{:.1} to {:.1}%", low * 100.0, high * 100.0)
}

fn one_decimal(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_string(), |value| format!("{value:.1}"))
}
