//! What an app puts on a page: a tree of widgets that send typed messages.
//!
//! A [`Widget`] has a **key**, which is stable (it becomes the resource id `PACKAGE:id/KEY`, and tasks address widgets
//! by it), and a **label**, which is what a person reads and which a [`crate::Variation`] may change.

use crate::Icon;

/// One widget of an app whose messages are `M`.
pub struct Widget<M> {
    pub(crate) content: Content,
    handlers: Handlers<M>,
    children: Vec<Widget<M>>,
}

/// A widget without its messages: what it takes to lay it out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Content {
    pub key: String,
    /// The text on it; for what shows a picture only, its content description; for a field, its hint.
    pub label: String,
    pub kind: Kind,
    pub enabled: bool,
    /// Which of the page's handlers is this widget's, in document order.
    pub slot: Option<usize>,
    pub pressable: bool,
    pub long_pressable: bool,
    pub children: Vec<Content>,
}

/// What a widget is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Row(Row),
    Toggle(Toggle),
    Button(ButtonStyle),
    IconButton(Icon),
    Fab(Icon),
    Tab {
        selected: bool,
        icon: Option<Icon>,
    },
    Chip {
        selected: bool,
    },
    Field(Field),
    /// The position in percent.
    Slider(u8),
    Text(TextStyle),
    Card,
    /// Children side by side.
    Line,
    /// Children in columns of one width, line by line.
    Grid {
        columns: usize,
    },
    /// An app of the launcher.
    AppIcon(Icon),
    Image(Icon),
    Divider,
}

/// The parts of a row besides its title.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Row {
    pub subtitle: Option<String>,
    pub icon: Option<Icon>,
    /// Text at the end of the row: a time, a price.
    pub value: Option<String>,
    pub toggle: Option<Toggle>,
}

/// Something that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Toggle {
    pub style: ToggleStyle,
    pub on: bool,
}

/// How a toggle looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToggleStyle {
    Switch,
    Checkbox,
    Radio,
}

/// How loud a button is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonStyle {
    Filled,
    Outlined,
    Text,
}

/// How large a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextStyle {
    /// A number that fills a page: a stopwatch.
    Display,
    /// The title of a page or a dialog.
    Title,
    /// The head of a group of rows.
    Heading,
    Body,
    /// Smaller and paler than body.
    Caption,
    /// The label on a small picture.
    Label,
}

/// What a text field holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Field {
    pub value: String,
    pub password: bool,
    pub lines: u8,
    pub autofocus: bool,
}

type TextHandler<M> = Box<dyn Fn(String) -> M>;

/// The messages a widget sends.
pub(crate) struct Handlers<M> {
    press: Option<M>,
    long_press: Option<M>,
    text: Option<TextHandler<M>>,
    submit: Option<M>,
    slide: Option<Box<dyn Fn(u8) -> M>>,
}

/// What a person does to a widget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Press,
    LongPress,
    /// The field's whole new text.
    Text(String),
    Submit,
    Slide(u8),
}

impl<M> Handlers<M> {
    fn none() -> Self {
        Self { press: None, long_press: None, text: None, submit: None, slide: None }
    }

    fn is_empty(&self) -> bool {
        self.press.is_none()
            && self.long_press.is_none()
            && self.text.is_none()
            && self.submit.is_none()
            && self.slide.is_none()
    }

    /// The message for an event, if the widget sends one.
    pub fn message(self, event: Event) -> Option<M> {
        match event {
            Event::Press => self.press,
            Event::LongPress => self.long_press,
            Event::Text(text) => self.text.map(|message| message(text)),
            Event::Submit => self.submit,
            Event::Slide(value) => self.slide.map(|message| message(value)),
        }
    }
}

/// Constructors: each takes the widget's key and its label.
impl<M> Widget<M> {
    fn new(key: impl Into<String>, label: impl Into<String>, kind: Kind) -> Self {
        let content = Content {
            key: key.into(),
            label: label.into(),
            kind,
            enabled: true,
            slot: None,
            pressable: false,
            long_pressable: false,
            children: Vec::new(),
        };
        Self { content, handlers: Handlers::none(), children: Vec::new() }
    }

    /// A line of a list.
    pub fn row(key: impl Into<String>, title: impl Into<String>) -> Self {
        Self::new(key, title, Kind::Row(Row::default()))
    }

    pub fn switch(key: impl Into<String>, label: impl Into<String>, on: bool) -> Self {
        Self::new(key, label, Kind::Toggle(Toggle { style: ToggleStyle::Switch, on }))
    }

    pub fn checkbox(key: impl Into<String>, label: impl Into<String>, on: bool) -> Self {
        Self::new(key, label, Kind::Toggle(Toggle { style: ToggleStyle::Checkbox, on }))
    }

    pub fn radio(key: impl Into<String>, label: impl Into<String>, on: bool) -> Self {
        Self::new(key, label, Kind::Toggle(Toggle { style: ToggleStyle::Radio, on }))
    }

    /// A filled button; [`Widget::outlined`] and [`Widget::plain`] make it quieter.
    pub fn button(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(key, label, Kind::Button(ButtonStyle::Filled))
    }

    /// A button with a picture; the label is its content description.
    pub fn icon_button(key: impl Into<String>, label: impl Into<String>, icon: Icon) -> Self {
        Self::new(key, label, Kind::IconButton(icon))
    }

    /// The round button that floats over the page's lower right corner; see [`crate::Page::fab`].
    pub fn fab(key: impl Into<String>, label: impl Into<String>, icon: Icon) -> Self {
        Self::new(key, label, Kind::Fab(icon))
    }

    /// A tab of [`crate::Page::tabs`] or [`crate::Page::navigation`].
    pub fn tab(key: impl Into<String>, label: impl Into<String>, selected: bool) -> Self {
        Self::new(key, label, Kind::Tab { selected, icon: None })
    }

    /// A small choice or filter.
    pub fn chip(key: impl Into<String>, label: impl Into<String>, selected: bool) -> Self {
        Self::new(key, label, Kind::Chip { selected })
    }

    /// A text field; the label is its hint. Its value is the app's: [`Widget::on_text`] brings the new one.
    pub fn field(key: impl Into<String>, hint: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(key, hint, Kind::Field(Field { value: value.into(), lines: 1, ..Field::default() }))
    }

    /// A slider from 0 to 100.
    pub fn slider(key: impl Into<String>, label: impl Into<String>, value: u8) -> Self {
        Self::new(key, label, Kind::Slider(value.min(100)))
    }

    /// Text to read.
    pub fn text(key: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(key, text, Kind::Text(TextStyle::Body))
    }

    /// The head of a group of rows.
    pub fn heading(key: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(key, text, Kind::Text(TextStyle::Heading))
    }

    /// A surface with other widgets on it, one below the other. Pressable if it has [`Widget::on_press`].
    pub fn card(key: impl Into<String>, children: Vec<Widget<M>>) -> Self {
        Self { children, ..Self::new(key, "", Kind::Card) }
    }

    /// Widgets side by side: small ones (icon buttons, chips) take what they need, the others share the rest.
    pub fn line(key: impl Into<String>, children: Vec<Widget<M>>) -> Self {
        Self { children, ..Self::new(key, "", Kind::Line) }
    }

    /// Widgets in columns of one width.
    pub fn grid(key: impl Into<String>, columns: usize, children: Vec<Widget<M>>) -> Self {
        Self { children, ..Self::new(key, "", Kind::Grid { columns: columns.max(1) }) }
    }

    pub(crate) fn app_icon(key: impl Into<String>, name: impl Into<String>, icon: Icon) -> Self {
        Self::new(key, name, Kind::AppIcon(icon))
    }

    /// A picture; the label is its content description, which may be empty.
    pub fn image(key: impl Into<String>, description: impl Into<String>, icon: Icon) -> Self {
        Self::new(key, description, Kind::Image(icon))
    }

    pub fn divider() -> Self {
        Self::new("", "", Kind::Divider)
    }
}

/// Properties. One that a kind of widget does not have changes nothing.
impl<M> Widget<M> {
    /// The second line of a row.
    pub fn subtitle(mut self, text: impl Into<String>) -> Self {
        if let Kind::Row(row) = &mut self.content.kind {
            row.subtitle = Some(text.into());
        }
        self
    }

    /// The picture before a row's title or on a tab.
    pub fn icon(mut self, picture: Icon) -> Self {
        if let Kind::Row(row) = &mut self.content.kind {
            row.icon = Some(picture);
        } else if let Kind::Tab { icon, .. } = &mut self.content.kind {
            *icon = Some(picture);
        }
        self
    }

    /// The text at the end of a row.
    pub fn value(mut self, text: impl Into<String>) -> Self {
        if let Kind::Row(row) = &mut self.content.kind {
            row.value = Some(text.into());
        }
        self
    }

    /// Puts a switch, check box or radio button into a row, so that the whole row is one; see [`Widget::on_toggle`].
    pub fn toggle(mut self, style: ToggleStyle, on: bool) -> Self {
        if let Kind::Row(row) = &mut self.content.kind {
            row.toggle = Some(Toggle { style, on });
        }
        self
    }

    /// Widgets of their own at the end of a row: icon buttons, a switch beside a row that leads elsewhere.
    pub fn trailing(mut self, widgets: Vec<Widget<M>>) -> Self {
        self.children = widgets;
        self
    }

    pub fn outlined(self) -> Self {
        self.button_style(ButtonStyle::Outlined)
    }

    /// A button that is text only.
    pub fn plain(self) -> Self {
        self.button_style(ButtonStyle::Text)
    }

    fn button_style(mut self, style: ButtonStyle) -> Self {
        if let Kind::Button(current) = &mut self.content.kind {
            *current = style;
        }
        self
    }

    /// How a text looks.
    pub fn style(mut self, style: TextStyle) -> Self {
        if let Kind::Text(current) = &mut self.content.kind {
            *current = style;
        }
        self
    }

    /// Makes a field hide what is typed.
    pub fn password(mut self) -> Self {
        if let Kind::Field(field) = &mut self.content.kind {
            field.password = true;
        }
        self
    }

    /// Makes a field so many lines high.
    pub fn lines(mut self, lines: u8) -> Self {
        if let Kind::Field(field) = &mut self.content.kind {
            field.lines = lines.max(1);
        }
        self
    }

    /// Focuses a field as soon as its page or dialog appears.
    pub fn autofocus(mut self) -> Self {
        if let Kind::Field(field) = &mut self.content.kind {
            field.autofocus = true;
        }
        self
    }

    /// Whether it can be used.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.content.enabled = enabled;
        self
    }

    /// The widget's stable key.
    pub fn key(&self) -> &str {
        &self.content.key
    }
}

/// Messages.
impl<M> Widget<M> {
    pub fn on_press(mut self, message: M) -> Self {
        self.handlers.press = Some(message);
        self
    }

    pub fn on_long_press(mut self, message: M) -> Self {
        self.handlers.long_press = Some(message);
        self
    }

    /// For a switch, check box, radio button, chip, or a row with a toggle: the message for its new state.
    pub fn on_toggle(mut self, message: impl Fn(bool) -> M) -> Self {
        let on = match &self.content.kind {
            Kind::Toggle(toggle) | Kind::Row(Row { toggle: Some(toggle), .. }) => toggle.on,
            Kind::Chip { selected } => *selected,
            Kind::Row(_)
            | Kind::Button(_)
            | Kind::IconButton(_)
            | Kind::Fab(_)
            | Kind::Tab { .. }
            | Kind::Field(_)
            | Kind::Slider(_)
            | Kind::Text(_)
            | Kind::Card
            | Kind::Line
            | Kind::Grid { .. }
            | Kind::AppIcon(_)
            | Kind::Image(_)
            | Kind::Divider => return self,
        };
        self.handlers.press = Some(message(!on));
        self
    }

    /// The message for a field's new text, the whole of it.
    pub fn on_text(mut self, message: impl Fn(String) -> M + 'static) -> Self {
        self.handlers.text = Some(Box::new(message));
        self
    }

    /// The message for the keyboard's enter key in a field.
    pub fn on_submit(mut self, message: M) -> Self {
        self.handlers.submit = Some(message);
        self
    }

    /// The message for a slider's new position in percent.
    pub fn on_slide(mut self, message: impl Fn(u8) -> M + 'static) -> Self {
        self.handlers.slide = Some(Box::new(message));
        self
    }

    /// Takes the messages out, each known by its slot from then on.
    pub(crate) fn erase(self, handlers: &mut Vec<Handlers<M>>) -> Content {
        let mut content = self.content;
        content.pressable = self.handlers.press.is_some() || self.handlers.slide.is_some();
        content.long_pressable = self.handlers.long_press.is_some();
        if !self.handlers.is_empty() {
            content.slot = Some(handlers.len());
            handlers.push(self.handlers);
        }
        content.children = self.children.into_iter().map(|child| child.erase(handlers)).collect();
        content
    }
}
