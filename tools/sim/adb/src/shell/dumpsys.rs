//! What the system's services say about themselves, as far as clients read it.

use super::commands::Call;
use super::packages;
use crate::handset::{Lock, activity};

pub(crate) fn dumpsys(call: &mut Call<'_>) -> i32 {
    match call.word(1) {
        Some("window") => window(call),
        Some("activity") => activities(call),
        Some("power") => power(call),
        Some("input_method") => input_method(call),
        Some("display") => display(call),
        Some("battery") => battery(call),
        Some("package") => package(call),
        Some("input") => call.say("INPUT MANAGER (dumpsys input)\n  Viewport INTERNAL: displayId=0, orientation=0, logicalFrame=[0, 0, 1080, 2400]\n  SurfaceOrientation: 0"),
        Some("SurfaceFlinger") => call.say("Display 4619827259835644672 (HWC display 0): port=0 pnpId=SIM displayName=\"sim\""),
        Some("trust") => trust(call),
        Some(service) => {
            let line = format!("Can't find service: {service}");
            return call.fail(line);
        }
        None => call.say("Currently running services:\n  activity\n  battery\n  display\n  input\n  input_method\n  package\n  power\n  window"),
    }
    0
}

/// `package/activity` of the window that has the focus.
fn focused(call: &Call<'_>) -> (String, String) {
    let (package, activity) = call.phone.front();
    (format!("{package}/{activity}"), package)
}

fn window(call: &mut Call<'_>) {
    let (component, package) = focused(call);
    let is_locked = call.phone.lock != Lock::Open;
    let is_awake = call.phone.awake;
    let is_covered = is_locked || !is_awake || package == "com.android.systemui";
    let what = if is_covered { "NotificationShade".to_owned() } else { component };
    call.say("WINDOW MANAGER WINDOWS (dumpsys window windows)");
    call.say(format!("  mCurrentFocus=Window{{5a1b2c3 u0 {what}}}"));
    call.say(format!("  mFocusedApp=ActivityRecord{{7d8e9f0 u0 {} t12}}", app_component(call)));
    call.say("WINDOW MANAGER POLICY STATE (dumpsys window policy)");
    call.say(format!("    mAwake={is_awake} mScreenOnEarly={is_awake} mScreenOnFully={is_awake}"));
    call.say(format!(
        "    isStatusBarKeyguard={is_locked} mShowingLockscreen={is_locked} mDreamingLockscreen={is_locked}"
    ));
    call.say("    KeyguardServiceDelegate");
    call.say(format!("      showing={is_locked}"));
    call.say(format!("      secure={}", call.phone.lock == Lock::Secure));
    call.say("WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)");
    call.say("  Display: mDisplayId=0");
    call.say("    init=1080x2400 420dpi cur=1080x2400 app=1080x2340 rng=1080x1017-2337x2274");
    call.say("    mRotation=ROTATION_0");
}

/// The app in front behind the shade and the lock.
fn app_component(call: &Call<'_>) -> String {
    let package = call.phone.phone.foreground().package;
    let package = if package == "com.android.systemui" { "com.deftly.launcher".to_owned() } else { package };
    format!("{package}/{}", activity(&package))
}

fn activities(call: &mut Call<'_>) {
    let component = app_component(call);
    let pid = 2000;
    call.say("ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)");
    call.say("Display #0 (activities from top to bottom):");
    call.say(format!("  topResumedActivity=ActivityRecord{{7d8e9f0 u0 {component} t12}}"));
    call.say(format!("  mResumedActivity: ActivityRecord{{7d8e9f0 u0 {component} t12}}"));
    call.say(format!("  ACTIVITY {component} 7d8e9f0 pid={pid}"));
}

fn power(call: &mut Call<'_>) {
    let is_awake = call.phone.awake;
    call.say("POWER MANAGER (dumpsys power)");
    call.say(format!("  mWakefulness={}", if is_awake { "Awake" } else { "Asleep" }));
    call.say(format!("  mHoldingDisplaySuspendBlocker={is_awake}"));
    call.say(format!("  Display Power: state={}", if is_awake { "ON" } else { "OFF" }));
    call.say(format!("  mScreenOffTimeoutSetting={}", call.phone.phone.system().screen_timeout * 1000));
}

fn trust(call: &mut Call<'_>) {
    let is_locked = call.phone.lock != Lock::Open;
    call.say(format!("Trust manager state:\n User \"Owner\" (id=0, flags=0xc13) (current): trusted=0, trustManaged=0, deviceLocked={}", u8::from(is_locked)));
}

fn input_method(call: &mut Call<'_>) {
    let shown = call.phone.is_usable() && call.phone.phone.frame().keyboard;
    let method = call.phone.input_method.clone();
    call.say("Current Input Method Manager state:");
    call.say(format!("  mCurMethodId={method}"));
    call.say(format!("  mCurId={method} mHaveConnection=true mBoundToMethod=true"));
    call.say(format!("  mShowRequested={shown} mShowExplicitlyRequested=false mShowForced=false mInputShown={shown}"));
    call.say(format!("  mServedInputConnection={}", if call.phone.phone.has_focus() { "active" } else { "null" }));
}

fn display(call: &mut Call<'_>) {
    let is_awake = call.phone.awake;
    call.say("DISPLAY MANAGER (dumpsys display)");
    call.say(format!("  mGlobalDisplayState={}", if is_awake { "ON" } else { "OFF" }));
    call.say("  Display Devices: size=1");
    call.say("  mViewports=[DisplayViewport{type=INTERNAL, valid=true, isActive=true, displayId=0, uniqueId='local:4619827259835644672', physicalPort=0, orientation=0, logicalFrame=Rect(0, 0 - 1080, 2400), physicalFrame=Rect(0, 0 - 1080, 2400), deviceWidth=1080, deviceHeight=2400}]");
    call.say("  Logical Displays: size=1");
    call.say("  Display 0:\n    mDisplayId=0");
}

fn battery(call: &mut Call<'_>) {
    let level = call.phone.phone.system().battery;
    call.say(format!("Current Battery Service state:\n  AC powered: false\n  USB powered: true\n  Wireless powered: false\n  status: 2\n  health: 2\n  present: true\n  level: {level}\n  scale: 100\n  voltage: 4100\n  temperature: 250\n  technology: Li-ion"));
}

fn package(call: &mut Call<'_>) {
    let Some(wanted) = call.word(2).map(str::to_owned) else {
        for app in packages::installed(call) {
            call.say(format!("  Package [{}] (1a2b3c4):", app.package));
        }
        return;
    };
    let Some(app) = packages::installed(call).into_iter().find(|app| app.package == wanted) else {
        call.say(format!("Unable to find package: {wanted}"));
        return;
    };
    let flags = if app.system { "SYSTEM HAS_CODE" } else { "HAS_CODE ALLOW_CLEAR_USER_DATA" };
    call.say(format!("Packages:\n  Package [{wanted}] (1a2b3c4):\n    userId=10123\n    versionCode=1 minSdk=26 targetSdk=34\n    versionName=1.0\n    pkgFlags=[ {flags} ]\n    firstInstallTime=2026-01-01 09:00:00\n    lastUpdateTime=2026-01-01 09:00:00"));
    if app.name.is_some() {
        call.say(format!("Activity Resolver Table:\n  Non-Data Actions:\n      android.intent.action.MAIN:\n        7d8e9f0 {wanted}/{}", activity(&wanted)));
    }
}
