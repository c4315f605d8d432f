//! One page of an app: app bar, scrolling body, bars at the bottom, a dialog in front.

use crate::ViewContext;
use crate::widget::{Content, Handlers, Widget};

/// What an app shows: the top of its own stack of pages.
///
/// The body scrolls when it is too long. [`Page::bottom`] stays below it.
pub struct Page<M> {
    key: String,
    title: String,
    up: Option<M>,
    actions: Vec<Widget<M>>,
    menu: Vec<Widget<M>>,
    tabs: Vec<Widget<M>>,
    body: Vec<Widget<M>>,
    bottom: Vec<Widget<M>>,
    navigation: Vec<Widget<M>>,
    fab: Option<Widget<M>>,
    dialog: Option<Dialog<M>>,
    from_end: bool,
}

/// A dialog in front of a page: title, text, widgets, buttons.
pub struct Dialog<M> {
    key: String,
    title: String,
    body: String,
    content: Vec<Widget<M>>,
    buttons: Vec<Widget<M>>,
    dismiss: Option<M>,
}

/// A page without its messages.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct PageContent {
    pub key: String,
    pub title: String,
    /// The slot of the arrow that leads up.
    pub up: Option<usize>,
    pub actions: Vec<Content>,
    pub menu: Vec<Content>,
    pub tabs: Vec<Content>,
    pub body: Vec<Content>,
    pub bottom: Vec<Content>,
    pub navigation: Vec<Content>,
    pub fab: Option<Content>,
    pub dialog: Option<DialogContent>,
    pub from_end: bool,
}

/// A dialog without its messages.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct DialogContent {
    pub key: String,
    pub title: String,
    pub body: String,
    pub content: Vec<Content>,
    pub buttons: Vec<Content>,
    /// The slot of what happens when it is dismissed by the back key or by a press beside it.
    pub dismiss: Option<usize>,
}

impl<M> Page<M> {
    /// `key` names the page for scroll positions and tasks; an empty title means no app bar.
    pub fn new(key: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            title: title.into(),
            up: None,
            actions: Vec::new(),
            menu: Vec::new(),
            tabs: Vec::new(),
            body: Vec::new(),
            bottom: Vec::new(),
            navigation: Vec::new(),
            fab: None,
            dialog: None,
            from_end: false,
        }
    }

    /// A page with a search field that holds `text`, to be followed by what was found. Its words are the labels
    /// `search` and `search_field`.
    pub fn search(cx: &ViewContext<'_>, text: &str, up: M, on_text: impl Fn(String) -> M + 'static) -> Self {
        Self::new("search", cx.label("search"))
            .up(up)
            .with(Widget::field("search_field", cx.label("search_field"), text).autofocus().on_text(on_text))
    }

    /// The arrow in the app bar, "Navigate up".
    pub fn up(mut self, message: M) -> Self {
        self.up = Some(message);
        self
    }

    /// An icon button in the app bar.
    pub fn action(mut self, widget: Widget<M>) -> Self {
        self.actions.push(widget);
        self
    }

    /// An entry of the menu behind "More options", made with [`Widget::button`]; the phone opens and closes it.
    pub fn menu_item(mut self, widget: Widget<M>) -> Self {
        self.menu.push(widget);
        self
    }

    /// Tabs below the app bar.
    pub fn tabs(mut self, tabs: Vec<Widget<M>>) -> Self {
        self.tabs = tabs;
        self
    }

    /// Bottom navigation: tabs at the bottom, covered by the keyboard.
    pub fn navigation(mut self, tabs: Vec<Widget<M>>) -> Self {
        self.navigation = tabs;
        self
    }

    /// Adds a widget to the body.
    pub fn with(mut self, widget: Widget<M>) -> Self {
        self.body.push(widget);
        self
    }

    /// Adds widgets to the body.
    pub fn with_all(mut self, widgets: impl IntoIterator<Item = Widget<M>>) -> Self {
        self.body.extend(widgets);
        self
    }

    /// Adds a widget that stays at the bottom. If there is a text field among these, they ride on the keyboard;
    /// otherwise it covers them.
    pub fn bottom(mut self, widget: Widget<M>) -> Self {
        self.bottom.push(widget);
        self
    }

    /// The floating button, made with [`Widget::fab`].
    pub fn fab(mut self, widget: Widget<M>) -> Self {
        self.fab = Some(widget);
        self
    }

    /// The dialog in front, if there is one.
    pub fn dialog(mut self, dialog: Option<Dialog<M>>) -> Self {
        self.dialog = dialog;
        self
    }

    /// Shows the end of the body first, as chats do.
    pub fn from_end(mut self) -> Self {
        self.from_end = true;
        self
    }

    pub(crate) fn erase(self) -> (PageContent, Vec<Handlers<M>>) {
        let mut handlers = Vec::new();
        let mut all = |widgets: Vec<Widget<M>>| -> Vec<Content> {
            widgets.into_iter().map(|widget| widget.erase(&mut handlers)).collect()
        };
        let mut content = PageContent {
            key: self.key,
            title: self.title,
            actions: all(self.actions),
            menu: all(self.menu),
            tabs: all(self.tabs),
            body: all(self.body),
            bottom: all(self.bottom),
            navigation: all(self.navigation),
            from_end: self.from_end,
            ..PageContent::default()
        };
        content.fab = self.fab.map(|fab| fab.erase(&mut handlers));
        content.up = press_slot(self.up, &mut handlers);
        content.dialog = self.dialog.map(|dialog| dialog.erase(&mut handlers));
        (content, handlers)
    }
}

/// The slot of a message that no widget carries.
fn press_slot<M>(message: Option<M>, handlers: &mut Vec<Handlers<M>>) -> Option<usize> {
    Widget::button("", "").on_press(message?).erase(handlers).slot
}

impl<M> Dialog<M> {
    pub fn new(key: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            title: title.into(),
            body: String::new(),
            content: Vec::new(),
            buttons: Vec::new(),
            dismiss: None,
        }
    }

    /// Asks before something is deleted. Its words are the labels `delete`, `cancel` and `confirm_delete`.
    pub fn confirm_delete(cx: &ViewContext<'_>, body: impl Into<String>, keep: M, delete: M) -> Self
    where
        M: Clone,
    {
        Self::new("delete_dialog", cx.label("delete"))
            .body(body)
            .button(Widget::button("cancel", cx.label("cancel")).on_press(keep.clone()))
            .button(Widget::button("confirm_delete", cx.label("confirm_delete")).on_press(delete))
            .on_dismiss(keep)
    }

    /// The text below the title.
    pub fn body(mut self, text: impl Into<String>) -> Self {
        self.body = text.into();
        self
    }

    /// Adds a widget; too many of them scroll.
    pub fn with(mut self, widget: Widget<M>) -> Self {
        self.content.push(widget);
        self
    }

    /// Adds widgets.
    pub fn with_all(mut self, widgets: impl IntoIterator<Item = Widget<M>>) -> Self {
        self.content.extend(widgets);
        self
    }

    /// Adds a button to its lower edge, made with [`Widget::button`] (it is drawn as plain text).
    pub fn button(mut self, widget: Widget<M>) -> Self {
        self.buttons.push(widget.plain());
        self
    }

    /// What the back key and a press beside the dialog mean. Without it they do nothing.
    pub fn on_dismiss(mut self, message: M) -> Self {
        self.dismiss = Some(message);
        self
    }

    fn erase(self, handlers: &mut Vec<Handlers<M>>) -> DialogContent {
        DialogContent {
            key: self.key,
            title: self.title,
            body: self.body,
            content: self.content.into_iter().map(|widget| widget.erase(handlers)).collect(),
            buttons: self.buttons.into_iter().map(|widget| widget.erase(handlers)).collect(),
            dismiss: press_slot(self.dismiss, handlers),
        }
    }
}
