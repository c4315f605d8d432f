//! Waking and unlocking a phone, as far as that can be done from outside.

use std::time::Duration;

use crate::AndroidError;
use crate::adb::AdbPhone;

/// How long a screen may take to come on, or a lock without a secret to open.
const PATIENCE: Duration = Duration::from_secs(3);

/// What keeps a screen from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lock {
    pub awake: bool,
    /// The lock screen is shown.
    pub locked: bool,
    /// It wants a PIN, a pattern, a password or a finger.
    pub secure: bool,
}

/// Switches the screen on and opens a lock that wants no secret.
///
/// # Errors
/// [`AndroidError::Asleep`], [`AndroidError::Locked`].
pub(crate) async fn open(phone: &AdbPhone) -> Result<(), AndroidError> {
    let mut lock = look(phone).await?;
    if !lock.awake {
        phone.shell(&["input", "keyevent", "KEYCODE_WAKEUP"]).await?;
        lock = wait(phone, |lock| lock.awake).await?;
    }
    if !lock.awake {
        return Err(AndroidError::Asleep);
    }
    if lock.locked && !lock.secure {
        phone.shell(&["wm", "dismiss-keyguard"]).await?;
        lock = wait(phone, |lock| !lock.locked).await?;
    }
    if lock.locked { Err(AndroidError::Locked) } else { Ok(()) }
}

pub(crate) async fn look(phone: &AdbPhone) -> Result<Lock, AndroidError> {
    let (power, policy) = tokio::try_join!(
        phone.shell_line("dumpsys power", "dumpsys power"),
        phone.shell_line("dumpsys window", "dumpsys window policy")
    )?;
    Ok(parse(&power, &policy))
}

async fn wait(phone: &AdbPhone, is_so: impl Fn(&Lock) -> bool) -> Result<Lock, AndroidError> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let lock = look(phone).await?;
        if is_so(&lock) || tokio::time::Instant::now() >= deadline {
            return Ok(lock);
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

/// A phone that does not say is taken for one that is awake and open: the next look shows what there is.
fn parse(power: &str, policy: &str) -> Lock {
    let wakefulness = power.lines().find_map(|line| line.trim().strip_prefix("mWakefulness="));
    let awake = wakefulness.is_none_or(|word| word.trim() == "Awake");
    let words = || policy.split_whitespace();
    // Android 10 and later say it under KeyguardServiceDelegate, earlier ones among the policy's other flags. A camera
    // that was opened from the lock screen covers it, but the phone is locked all the same.
    let locked = words().any(|word| {
        ["showing=true", "mShowingLockscreen=true", "isStatusBarKeyguard=true", "mIsShowing=true"].contains(&word)
    });
    let secure = words().any(|word| ["secure=true", "mSimSecure=true"].contains(&word));
    Lock { awake, locked, secure }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(power: &str, policy: &str, expected: (bool, bool, bool)) {
        let lock = parse(power, policy);
        assert_eq!((lock.awake, lock.locked, lock.secure), expected, "{power} {policy}");
    }

    #[test]
    fn locks_are_read() {
        let delegate = |showing: bool, secure: bool| {
            format!(
                "    KeyguardServiceDelegate\n      showing={showing}\n      occluded=false\n      secure={secure}\n"
            )
        };
        check("  mWakefulness=Awake\n", &delegate(false, true), (true, false, true));
        check("  mWakefulness=Asleep\n", &delegate(true, false), (false, true, false));
        check("  mWakefulness=Dozing\n", &delegate(true, true), (false, true, true));
        check("mWakefulness=Awake", "  mShowingLockscreen=true mShowingDream=false", (true, true, false));
        check("", "", (true, false, false));
    }
}
