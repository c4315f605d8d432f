//! The methods of the resident server.

use std::time::{Duration, Instant};

use base64::Engine;
use serde_json::{Value, json};

use super::scroll::{self, Way};
use super::selector::{self, Selector};
use crate::handset::{Finger, Inner};
use crate::keys::{self, Typed};
use crate::tree::{Node, nodes};
use crate::{picture, touch};

/// What counts as a long press, as on Android.
const LONG_PRESS: u64 = 500;

/// A call: a method and its parameters in order.
#[derive(Debug)]
pub struct Call {
    pub method: String,
    parameters: Vec<Value>,
}

impl Call {
    pub fn parse(value: &Value) -> Option<Self> {
        let method = value.get("method")?.as_str()?.to_owned();
        let parameters = match value.get("params") {
            Some(Value::Array(parameters)) => parameters.clone(),
            // No method has named parameters; an empty object stands for none.
            Some(_) | None => Vec::new(),
        };
        Some(Self { method, parameters })
    }
}

/// What a call came to.
pub enum Done {
    Value(Value),
    /// Not yet what it waits for; ask again until so much time has passed.
    Waits(Duration),
}

/// An error as JSON-RPC has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: i32,
    pub message: String,
}

fn failure(code: i32, message: impl Into<String>) -> Failure {
    Failure { code, message: message.into() }
}

fn not_found(method: &str, selector: &Value) -> Failure {
    failure(-32001, format!("androidx.test.uiautomator.UiObjectNotFoundException: {method}: {selector}"))
}

fn bad_parameters() -> Failure {
    failure(-32602, "method parameters invalid")
}

/// Does a call at once.
pub fn perform(phone: &mut Inner, call: &Call) -> Result<Done, Failure> {
    if is_look(&call.method) {
        phone.begin_look();
    } else {
        phone.begin();
    }
    if phone.faults.no_injection && is_input(&call.method) {
        return Err(failure(-32001, crate::shell::NO_INJECTION));
    }
    let parameters = call.parameters.as_slice();
    let value = match call.method.as_str() {
        "waitForExists" => return wait(phone, parameters, true),
        "waitUntilGone" => return wait(phone, parameters, false),
        method if on_objects(method) => object(phone, method, parameters)?,
        "click" if parameters.first().is_some_and(Value::is_object) => object(phone, "click", parameters)?,
        "click" | "swipe" | "swipePoints" | "drag" | "injectInputEvent" => finger(phone, &call.method, parameters)?,
        method => device(phone, method, parameters)?,
    };
    Ok(Done::Value(value))
}

fn is_look(method: &str) -> bool {
    [
        "dumpWindowHierarchy",
        "exist",
        "objInfo",
        "objInfoOfAllInstances",
        "count",
        "waitForExists",
        "waitUntilGone",
        "getText",
    ]
    .contains(&method)
}

fn is_input(method: &str) -> bool {
    let inputs = ["click", "longClick", "swipe", "swipePoints", "drag", "dragTo", "pressKey", "pressKeyCode"];
    inputs.contains(&method)
        || method.starts_with("scroll")
        || method.starts_with("fling")
        || method == "injectInputEvent"
}

fn number(parameters: &[Value], index: usize) -> Result<i32, Failure> {
    // Java makes an int of a fraction by dropping what is behind the point.
    parameters.get(index).and_then(Value::as_f64).map(|number| number as i32).ok_or_else(bad_parameters)
}

fn text(parameters: &[Value], index: usize) -> Result<&str, Failure> {
    parameters.get(index).and_then(Value::as_str).ok_or_else(bad_parameters)
}

/// What is done to pixels.
fn finger(phone: &mut Inner, method: &str, parameters: &[Value]) -> Result<Value, Failure> {
    let point = |index: usize| Ok((number(parameters, index)?, number(parameters, index + 1)?));
    match (method, parameters.len()) {
        ("click", 2) => {
            touch::tap(phone, point(0)?);
        }
        ("click", 3) => press_for(phone, point(0)?, parameters[2].as_u64().unwrap_or(0)),
        ("swipe", 5) => stroke(phone, point(0)?, point(2)?, number(parameters, 4)?),
        ("drag", 5) => touch::drag(phone, point(0)?, point(2)?),
        ("swipePoints", 2) => {
            let points = parameters[0].as_array().filter(|points| points.len() >= 4).ok_or_else(bad_parameters)?;
            let from = (number(points, 0)?, number(points, 1)?);
            let last = (points.len() / 2 - 1) * 2;
            stroke(phone, from, (number(points, last)?, number(points, last + 1)?), number(parameters, 1)?);
        }
        ("injectInputEvent", 4) => inject(phone, number(parameters, 0)?, point(1)?),
        _ => return Err(bad_parameters()),
    }
    Ok(json!(true))
}

fn press_for(phone: &mut Inner, at: (i32, i32), milliseconds: u64) {
    if milliseconds >= LONG_PRESS {
        touch::long_press(phone, at);
    } else {
        touch::tap(phone, at);
    }
}

/// A step takes 5 ms. With fewer than two the finger goes down and up and never moves: what is under it takes that for
/// a press, as on a phone. That happens to clients that send seconds for steps.
fn stroke(phone: &mut Inner, from: (i32, i32), to: (i32, i32), steps: i32) {
    if steps < 2 {
        touch::tap(phone, from);
    } else if from == to {
        press_for(phone, from, steps as u64 * 5);
    } else {
        touch::swipe(phone, from, to, Duration::from_millis(steps as u64 * 5));
    }
}

/// A finger goes down (0), up (1) or elsewhere (2).
fn inject(phone: &mut Inner, action: i32, at: (i32, i32)) {
    match (action, phone.finger) {
        (0, _) => phone.finger = Some(Finger { down: at, since: Instant::now() }),
        (1, Some(finger)) => {
            phone.finger = None;
            let held = finger.since.elapsed();
            let is_near = (finger.down.0 - at.0).abs() <= 24 && (finger.down.1 - at.1).abs() <= 24;
            if is_near {
                press_for(phone, at, held.as_millis() as u64);
            } else {
                touch::swipe(phone, finger.down, at, held);
            }
        }
        _ => {}
    }
}

/// What is asked of the phone as a whole.
fn device(phone: &mut Inner, method: &str, parameters: &[Value]) -> Result<Value, Failure> {
    Ok(match method {
        "deviceInfo" => device_info(phone),
        "dumpWindowHierarchy" => json!(phone.hierarchy()),
        "takeScreenshot" => screenshot(phone, parameters)?,
        "pressKey" => match keys::code_of_word(text(parameters, 0)?) {
            Some(code) => press(phone, code),
            None => json!(false),
        },
        "pressKeyCode" => press(phone, number(parameters, 0)?.max(0) as u32),
        "wakeUp" => {
            touch::wake(phone);
            Value::Null
        }
        "sleep" => {
            touch::sleep(phone);
            Value::Null
        }
        "isScreenOn" => json!(phone.awake),
        "openNotification" | "openQuickSettings" => {
            touch::open_shade(phone);
            json!(true)
        }
        "getClipboard" => json!(phone.phone.system().clipboard),
        "setClipboard" => {
            phone.phone.system_mut().clipboard = Some(text(parameters, 1)?.to_owned());
            Value::Null
        }
        "pasteClipboard" => {
            let clip = phone.phone.system().clipboard.clone().unwrap_or_default();
            keys::type_text(phone, &clip, Typed::AsText);
            Value::Null
        }
        "clearInputText" => {
            phone.touched();
            if phone.is_usable() {
                phone.phone.clear_text();
            }
            Value::Null
        }
        "getLastToast" => json!(phone.last_toast),
        "clearLastToast" => {
            phone.last_toast = None;
            Value::Null
        }
        "freezeRotation" => {
            phone.phone.system_mut().auto_rotate = !parameters.first().and_then(Value::as_bool).unwrap_or(true);
            Value::Null
        }
        "getConfigurator" | "setConfigurator" => configurator(parameters),
        // Rotations of this phone's screen, web views, idle times: there is nothing to do.
        "setOrientation" | "clearLastTraversedText" | "getLastTraversedText" | "waitForIdle" => Value::Null,
        "waitForWindowUpdate" => json!(false),
        // The method is there, but only for objects.
        "longClick" => return Err(bad_parameters()),
        _ => return Err(failure(-32601, "method not found")),
    })
}

fn press(phone: &mut Inner, code: u32) -> Value {
    keys::press(phone, code);
    json!(true)
}

fn device_info(phone: &Inner) -> Value {
    let (package, _) = phone.front();
    let version = phone.phone.system().version.parse::<u32>().unwrap_or(13);
    json!({
        "currentPackageName": package,
        "displayHeight": deftly_sim::HEIGHT,
        "displayRotation": 0,
        "displaySizeDpX": 411,
        "displaySizeDpY": 914,
        "displayWidth": deftly_sim::WIDTH,
        "naturalOrientation": true,
        "productName": "deftly_sim",
        "screenOn": phone.awake,
        "sdkInt": crate::shell::sdk(version),
    })
}

fn screenshot(phone: &mut Inner, parameters: &[Value]) -> Result<Value, Failure> {
    let scale = parameters.first().and_then(Value::as_f64).unwrap_or(1.0);
    let quality = parameters.get(1).and_then(Value::as_u64).unwrap_or(80).min(100) as u8;
    let png = touch::picture(phone).map_err(|error| failure(-32001, error.to_string()))?;
    let jpeg = picture::jpeg(&png, scale, quality);
    Ok(jpeg.map_or(Value::Null, |jpeg| json!(base64::engine::general_purpose::STANDARD.encode(jpeg))))
}

/// What was set, over Android's defaults. This phone has nothing to wait for, so that none of it changes anything.
fn configurator(parameters: &[Value]) -> Value {
    let mut configurator = json!({
        "actionAcknowledgmentTimeout": 3000,
        "keyInjectionDelay": 0,
        "scrollAcknowledgmentTimeout": 200,
        "waitForIdleTimeout": 10000,
        "waitForSelectorTimeout": 10000,
    });
    let set = parameters.first().and_then(Value::as_object);
    if let (Some(known), Some(set)) = (configurator.as_object_mut(), set) {
        for (name, value) in known.iter_mut() {
            if let Some(wanted) = set.get(name) {
                *value = wanted.clone();
            }
        }
    }
    configurator
}

/// The methods whose first parameter is a selector, other than `click`, which has another form.
fn on_objects(method: &str) -> bool {
    let methods = [
        "exist",
        "objInfo",
        "objInfoOfAllInstances",
        "count",
        "getText",
        "setText",
        "clearTextField",
        "clickAndWaitForNewWindow",
        "dragTo",
        "scrollForward",
        "scrollBackward",
        "scrollToBeginning",
        "scrollToEnd",
        "scrollTo",
        "flingForward",
        "flingBackward",
        "flingToBeginning",
        "flingToEnd",
    ];
    methods.contains(&method)
}

fn selected(parameters: &[Value], index: usize) -> Result<Selector, Failure> {
    parameters.get(index).and_then(Selector::parse).ok_or_else(bad_parameters)
}

fn wait(phone: &mut Inner, parameters: &[Value], for_there: bool) -> Result<Done, Failure> {
    let wanted = selected(parameters, 0)?;
    let timeout = parameters.get(1).and_then(Value::as_u64).ok_or_else(bad_parameters)?;
    let is_there = wanted.find(&nodes(&phone.hierarchy())).is_some();
    let is_so = is_there == for_there;
    Ok(if is_so { Done::Value(json!(true)) } else { Done::Waits(Duration::from_millis(timeout)) })
}

fn object(phone: &mut Inner, method: &str, parameters: &[Value]) -> Result<Value, Failure> {
    let wanted = selected(parameters, 0)?;
    if method.starts_with("scroll") || method.starts_with("fling") {
        return scrolled(phone, method, parameters, &wanted);
    }
    let nodes = nodes(&phone.hierarchy());
    match method {
        "exist" => return Ok(json!(wanted.find(&nodes).is_some())),
        "count" => return Ok(json!(wanted.find_all(&nodes).len())),
        "objInfoOfAllInstances" => {
            return Ok(wanted.find_all(&nodes).into_iter().map(|index| selector::info(&nodes[index])).collect());
        }
        _ => {}
    }
    let found = wanted.find(&nodes).ok_or_else(|| not_found(method, &parameters[0]))?;
    let node = &nodes[found];
    match method {
        "objInfo" => Ok(selector::info(node)),
        "getText" => Ok(json!(node.text)),
        "click" | "clickAndWaitForNewWindow" => Ok(json!(touch::tap(phone, node.center()))),
        "dragTo" => {
            touch::drag(phone, node.center(), node.center());
            Ok(json!(true))
        }
        "setText" => Ok(json!(set_text(phone, node, text(parameters, 1)?))),
        "clearTextField" => {
            set_text(phone, node, "");
            Ok(Value::Null)
        }
        _ => Err(bad_parameters()),
    }
}

/// Puts text in a field in place of what it holds. False for what is no field.
fn set_text(phone: &mut Inner, node: &Node, text: &str) -> bool {
    let is_field = node.class == "android.widget.EditText" && node.enabled;
    if !is_field || phone.faults.keyboard_only || !phone.is_usable() {
        return false;
    }
    phone.touched();
    if !node.focused {
        let (x, y) = node.center();
        phone.phone.press(x, y);
    }
    phone.phone.clear_text() && (text.is_empty() || phone.phone.type_text(text))
}

fn scrolled(phone: &mut Inner, method: &str, parameters: &[Value], list: &Selector) -> Result<Value, Failure> {
    let vertical = parameters.iter().find_map(Value::as_bool).unwrap_or(true);
    let swipes = parameters.get(2).and_then(Value::as_u64).unwrap_or(30);
    let moved = match method {
        "scrollForward" | "flingForward" => scroll::once(phone, list, Way::Forward, vertical),
        "scrollBackward" | "flingBackward" => scroll::once(phone, list, Way::Backward, vertical),
        "scrollToBeginning" | "flingToBeginning" => scroll::to_end(phone, list, Way::Backward, vertical, swipes),
        "scrollToEnd" | "flingToEnd" => scroll::to_end(phone, list, Way::Forward, vertical, swipes),
        _ => scroll::to(phone, list, &selected(parameters, 1)?, vertical),
    };
    moved.map(|moved| json!(moved)).ok_or_else(|| not_found(method, &parameters[0]))
}
