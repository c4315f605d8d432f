//! From an action on elements to where a finger goes: what all devices with a touch screen share.

use crate::{Bounds, DeviceError, Direction, Element, ElementId, Role, Screen};

/// A point in pixels.
pub type Point = (i32, i32);

/// The element with this id.
///
/// # Errors
/// [`DeviceError::NoSuchElement`].
pub fn find<'a>(device: &str, screen: &'a Screen, id: ElementId) -> Result<&'a Element, DeviceError> {
    let count = screen.elements.len();
    screen.get(id).ok_or_else(|| DeviceError::NoSuchElement { device: device.to_owned(), id, count })
}

/// The element with this id if it can be touched.
///
/// # Errors
/// Also [`DeviceError::NotPossible`] for one that is disabled.
pub fn pressable<'a>(
    device: &str,
    screen: &'a Screen,
    id: ElementId,
    action: &'static str,
) -> Result<&'a Element, DeviceError> {
    let element = find(device, screen, id)?;
    if element.state.disabled {
        let reason = "it is disabled\nhint: something else has to be done first".to_owned();
        return Err(not_possible(device, element, action, reason));
    }
    Ok(element)
}

/// The element with this id if it takes text.
///
/// # Errors
/// Also [`DeviceError::NotPossible`] for one that is no text field.
pub fn field<'a>(device: &str, screen: &'a Screen, id: ElementId) -> Result<&'a Element, DeviceError> {
    let element = pressable(device, screen, id, "type")?;
    if !element.state.editable {
        let reason = "it is not a text field\nhint: type into an element with the role field".to_owned();
        return Err(not_possible(device, element, "type", reason));
    }
    Ok(element)
}

/// The finger that scrolls: along the element, the largest list, or `otherwise`.
pub fn scroll_stroke(
    device: &str,
    screen: &Screen,
    id: Option<ElementId>,
    direction: Direction,
    otherwise: Bounds,
) -> Result<(Point, Point), DeviceError> {
    let area = match id {
        Some(id) => find(device, screen, id)?.bounds,
        None => largest_list(screen).unwrap_or(otherwise),
    };
    // To show what is further down, the finger moves up.
    Ok(stroke(area, opposite(direction), 35))
}

/// The finger that swipes across the element, or across `otherwise`.
pub fn swipe_stroke(
    device: &str,
    screen: &Screen,
    id: Option<ElementId>,
    direction: Direction,
    otherwise: Bounds,
) -> Result<(Point, Point), DeviceError> {
    let area = match id {
        Some(id) => find(device, screen, id)?.bounds,
        None => otherwise,
    };
    Ok(stroke(area, direction, 48))
}

fn not_possible(device: &str, element: &Element, action: &'static str, reason: String) -> DeviceError {
    DeviceError::NotPossible { device: device.to_owned(), id: element.id, label: element.label.clone(), action, reason }
}

fn largest_list(screen: &Screen) -> Option<Bounds> {
    let area = |bounds: Bounds| i64::from(bounds.right - bounds.left) * i64::from(bounds.bottom - bounds.top);
    let lists = screen.elements.iter().filter(|element| element.role == Role::List || element.state.scrollable);
    lists.map(|element| element.bounds).max_by_key(|&bounds| area(bounds))
}

/// From and to of a finger that moves through the middle of an area, `reach` percent to each side of its centre.
fn stroke(area: Bounds, finger: Direction, reach: i32) -> (Point, Point) {
    let (x, y) = area.center();
    let part = |size: i32| (i64::from(size) * i64::from(reach) / 100) as i32;
    let (across, along) = (part(area.right - area.left), part(area.bottom - area.top));
    match finger {
        Direction::Up => ((x, y + along), (x, y - along)),
        Direction::Down => ((x, y - along), (x, y + along)),
        Direction::Left => ((x + across, y), (x - across, y)),
        Direction::Right => ((x - across, y), (x + across, y)),
    }
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Up => Direction::Down,
        Direction::Down => Direction::Up,
        Direction::Left => Direction::Right,
        Direction::Right => Direction::Left,
    }
}
