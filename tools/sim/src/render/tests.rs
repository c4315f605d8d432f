use super::{paint, screenshot};
use crate::SimPhone;
use crate::frame::{Frame, HEIGHT, NodeKind, WIDTH};

fn pixels(frame: &Frame) -> Vec<u8> {
    paint(frame).unwrap().into_rgb().2
}

#[test]
fn a_picture_is_a_png_of_the_screens_size() {
    let frame = SimPhone::new(1).settled_frame();
    let picture = image::load_from_memory(&screenshot(&frame).unwrap().png).unwrap();
    assert_eq!((picture.width(), picture.height()), (WIDTH as u32, HEIGHT as u32));
}

#[test]
fn the_same_phone_gives_the_same_picture_and_another_page_another() {
    let mut phone = SimPhone::new(7);
    let home = pixels(&phone.settled_frame());
    assert_eq!(home, pixels(&SimPhone::new(7).settled_frame()));
    phone.launch("settings");
    phone.settle_now();
    assert_ne!(home, pixels(&phone.settled_frame()));
}

#[test]
fn a_switch_that_is_on_looks_different_from_one_that_is_off() {
    let mut phone = SimPhone::new(7);
    phone.swipe((500, 10), (500, 1500), std::time::Duration::from_millis(200));
    phone.settle_now();
    let mut frame = phone.settled_frame();
    let wifi = frame.nodes.iter().position(|node| node.kind == NodeKind::Switch).expect("a switch in the shade");
    let mut picture = |on| {
        frame.nodes[wifi].state.checked = Some(on);
        pixels(&frame)
    };
    assert_ne!(picture(true), picture(false));
}

#[test]
fn the_theme_changes_the_picture() {
    let mut phone = SimPhone::new(7);
    let mut picture = |dark| {
        phone.system_mut().dark_theme = dark;
        pixels(&phone.settled_frame())
    };
    assert_ne!(picture(true), picture(false));
}

#[test]
fn hostile_text_is_painted_without_harm() {
    let mut frame = SimPhone::new(3).settled_frame();
    for text in ["x".repeat(100_000), "日本語😀\u{202e}\u{0}".to_owned(), "\n\n\n".to_owned(), " ".to_owned()] {
        for node in &mut frame.nodes {
            node.text.clone_from(&text);
        }
        pixels(&frame);
    }
}
