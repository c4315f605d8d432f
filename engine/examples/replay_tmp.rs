use deftly_engine::*;
fn main() {
    for f in std::env::args().skip(1) {
        let t: Vec<DraftTrace> =
            std::fs::read_to_string(&f).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        for s in ["context,history", "context", "history"] {
            for rc in [0.1, 0.2] {
                let r = replay_drafts(&t, &DraftReplayOptions { sources: s.parse().unwrap(), row_cost: rc });
                println!(
                    "{f} {s} {rc}: tok/pass {:.2} cost {:.3} acc {}/{} us {:.1}",
                    (r.tokens - r.replies) as f64 / r.passes as f64,
                    r.cost,
                    r.drafts.total().accepted,
                    r.drafts.total().drafted,
                    r.drafter_us
                );
            }
        }
    }
}
