//! What fingers do, also on a phone that is asleep or locked.

use std::time::Duration;

use deftly_sim::{HEIGHT, RenderError};

use crate::handset::{Inner, Lock};

pub type Point = (i32, i32);

/// How far up a finger moves to open a lock.
const UNLOCK: i32 = 300;

/// True, for those who ask whether it was done: a touch on a locked or dark screen is done and changes nothing.
pub fn tap(phone: &mut Inner, (x, y): Point) -> bool {
    phone.touched();
    if phone.is_usable() {
        phone.phone.press(x, y);
    }
    true
}

pub fn long_press(phone: &mut Inner, (x, y): Point) {
    phone.touched();
    if phone.is_usable() {
        phone.phone.long_press(x, y);
    }
}

pub fn swipe(phone: &mut Inner, from: Point, to: Point, duration: Duration) {
    phone.touched();
    if phone.is_usable() {
        phone.phone.swipe(from, to, duration);
    } else if phone.awake && phone.lock == Lock::Swipe && from.1 - to.1 >= UNLOCK {
        phone.lock = Lock::Open;
    }
}

/// Holds something and moves it. Nothing on this phone can be moved, so it is a long press.
pub fn drag(phone: &mut Inner, from: Point, _to: Point) {
    long_press(phone, from);
}

/// Pulls the notification shade down.
pub fn open_shade(phone: &mut Inner) {
    swipe(phone, (540, 10), (540, HEIGHT / 2), Duration::from_millis(300));
}

pub fn wake(phone: &mut Inner) {
    phone.touched();
    phone.awake = true;
}

/// Switches the screen off, which locks it.
pub fn sleep(phone: &mut Inner) {
    phone.touched();
    phone.awake = false;
    if phone.lock == Lock::Open {
        phone.lock = Lock::Swipe;
    }
}

/// What is on the glass, as PNG.
pub fn picture(phone: &mut Inner) -> Result<Vec<u8>, RenderError> {
    if phone.is_usable() { Ok(phone.phone.picture()?.png) } else { Ok(crate::picture::black()) }
}
