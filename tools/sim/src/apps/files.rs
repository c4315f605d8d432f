//! Files: folders, files, moving, renaming, deleting.

use crate::{App, Context, Dialog, Icon, Intent, Manifest, Page, Permission, Seeder, ViewContext, Widget, vocabulary};

/// The phone's storage as its owner sees it.
#[derive(Debug)]
pub struct Files {
    pub folders: Vec<Folder>,
    pub files: Vec<File>,
    page: Vec<Place>,
    prompt: Option<Prompt>,
    search: String,
    largest_first: bool,
    next_id: u32,
    /// The owner has let the app see the files.
    allowed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    pub id: u32,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub id: u32,
    /// With its ending.
    pub name: String,
    /// The folder it is in.
    pub folder: u32,
    /// In kilobytes.
    pub size: u32,
    pub starred: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Folder(u32),
    File(u32),
    Search,
    Starred,
}

/// A dialog and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Prompt {
    NewFolder(String),
    Rename { file: u32, name: String },
    Move { file: u32 },
    Delete { file: u32 },
}

#[derive(Debug, Clone)]
pub enum Message {
    AskAccess,
    Access(bool),
    OpenFolder(u32),
    OpenFile(u32),
    Back,
    StartSearch,
    Search(String),
    ShowStarred,
    SortBySize,
    NewFolder,
    Text(String),
    Close,
    CreateFolder,
    Star(u32),
    StartRename(u32),
    Rename,
    StartMove(u32),
    MoveTo(u32),
    AskDelete(u32),
    Delete,
    Share(u32),
}

impl Files {
    pub fn find(&self, name: &str) -> Option<&File> {
        self.files.iter().find(|file| file.name == name)
    }

    pub fn folder(&self, name: &str) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.name == name)
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut File> {
        self.files.iter_mut().find(|file| file.id == id)
    }

    fn folder_name(&self, id: u32) -> &str {
        self.folders.iter().find(|folder| folder.id == id).map_or("", |folder| &folder.name)
    }

    fn file_row(file: &File) -> Widget<Message> {
        let icon = match file.name.rsplit('.').next() {
            Some("jpg" | "png") => Icon::Image,
            Some("mp3") => Icon::Music,
            Some("mp4") => Icon::Video,
            _ => Icon::Document,
        };
        Widget::row(format!("file_{}", file.id), &file.name)
            .subtitle(size(file.size))
            .icon(icon)
            .on_press(Message::OpenFile(file.id))
    }

    fn file_rows<'a>(&'a self, shown: impl Fn(&File) -> bool + 'a) -> Vec<Widget<Message>> {
        let mut files: Vec<&File> = self.files.iter().filter(|file| shown(file)).collect();
        if self.largest_first {
            files.sort_by_key(|file| (u32::MAX - file.size, file.id));
        } else {
            files.sort_by(|a, b| a.name.cmp(&b.name));
        }
        files.into_iter().map(Self::file_row).collect()
    }

    fn front(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let rows = self.folders.iter().map(|folder| {
            let count = self.files.iter().filter(|file| file.folder == folder.id).count();
            Widget::row(format!("folder_{}", folder.id), &folder.name)
                .subtitle(if count == 1 { "1 file".to_owned() } else { format!("{count} files") })
                .icon(Icon::Folder)
                .on_press(Message::OpenFolder(folder.id))
        });
        Page::new("folders", cx.label("files"))
            .action(Widget::icon_button("search", cx.label("search"), Icon::Search).on_press(Message::StartSearch))
            .menu_item(Widget::button("starred", cx.label("starred")).on_press(Message::ShowStarred))
            .menu_item(Widget::button("sort", cx.label("sort")).on_press(Message::SortBySize))
            .with_all(rows)
            .fab(Widget::fab("new_folder", cx.label("new_folder"), Icon::Add).on_press(Message::NewFolder))
    }

    fn folder_page(&self, id: u32, cx: &ViewContext<'_>) -> Page<Message> {
        let rows = self.file_rows(|file| file.folder == id);
        let empty = rows.is_empty().then(|| Widget::text("empty", "This folder is empty"));
        Page::new(format!("folder_{id}"), self.folder_name(id))
            .up(Message::Back)
            .menu_item(Widget::button("sort", cx.label("sort")).on_press(Message::SortBySize))
            .with_all(rows)
            .with_all(empty)
    }

    fn file_page(&self, file: &File, cx: &ViewContext<'_>) -> Page<Message> {
        let id = file.id;
        let button = |key: &str, message| Widget::button(key, cx.label(key)).outlined().on_press(message);
        Page::new(format!("file_{id}"), &file.name)
            .up(Message::Back)
            .action(
                Widget::icon_button("star", cx.label(if file.starred { "unstar" } else { "star" }), Icon::Star)
                    .on_press(Message::Star(id)),
            )
            .with(Widget::text("size", format!("Size: {}", size(file.size))))
            .with(Widget::text("where", format!("Folder: {}", self.folder_name(file.folder))))
            .with(button("rename", Message::StartRename(id)))
            .with(button("move", Message::StartMove(id)))
            .with(button("share", Message::Share(id)))
            .with(button("delete", Message::AskDelete(id)))
    }

    fn found(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let wanted = self.search.trim().to_lowercase();
        let rows = self.file_rows(|file| !wanted.is_empty() && file.name.to_lowercase().contains(&wanted));
        let nothing = (rows.is_empty() && !wanted.is_empty()).then(|| Widget::text("nothing", "No files found"));
        Page::search(cx, &self.search, Message::Back, Message::Search).with_all(rows).with_all(nothing)
    }

    fn dialog(&self, prompt: &Prompt, cx: &ViewContext<'_>) -> Dialog<Message> {
        let cancel = || Widget::button("cancel", cx.label("cancel")).on_press(Message::Close);
        let field = |text: &str| Widget::field("name_field", cx.label("name"), text).autofocus().on_text(Message::Text);
        let dialog = match prompt {
            Prompt::NewFolder(name) => Dialog::new("new_folder_dialog", cx.label("new_folder"))
                .with(field(name).on_submit(Message::CreateFolder))
                .button(cancel())
                .button(Widget::button("create", cx.label("create")).on_press(Message::CreateFolder)),
            Prompt::Rename { name, .. } => Dialog::new("rename_dialog", cx.label("rename"))
                .with(field(name).on_submit(Message::Rename))
                .button(cancel())
                .button(Widget::button("ok", cx.label("ok")).on_press(Message::Rename)),
            Prompt::Move { .. } => {
                let folders = self.folders.iter().map(|folder| {
                    Widget::row(format!("move_to_{}", folder.id), &folder.name)
                        .icon(Icon::Folder)
                        .on_press(Message::MoveTo(folder.id))
                });
                Dialog::new("move_dialog", cx.label("move")).with_all(folders).button(cancel())
            }
            Prompt::Delete { file } => {
                let name = self.files.iter().find(|one| one.id == *file).map_or("", |one| &one.name);
                let body = format!("{name} will be deleted for ever");
                Dialog::confirm_delete(cx, body, Message::Close, Message::Delete)
            }
        };
        dialog.on_dismiss(Message::Close)
    }

    fn create_folder(&mut self, cx: &mut Context<'_, Message>) {
        let Some(Prompt::NewFolder(name)) = self.prompt.take() else { return };
        let name = name.trim();
        if !name.is_empty() {
            self.folders.push(Folder { id: self.next_id, name: name.to_owned() });
            self.next_id += 1;
            cx.toast("Folder created");
        }
    }
}

/// `640 KB`, `3.2 MB`
pub fn size(kilobytes: u32) -> String {
    if kilobytes < 1000 {
        format!("{kilobytes} KB")
    } else {
        format!("{}.{} MB", kilobytes / 1000, kilobytes % 1000 / 100)
    }
}

impl App for Files {
    type Message = Message;

    fn manifest() -> Manifest {
        Manifest {
            key: "files",
            names: &["Files", "File manager", "My files"],
            icon: Icon::Folder,
            labels: &[
                ("files", &["Files", "My files", "Browse"]),
                ("search", &["Search", "Search files", "Find"]),
                ("search_field", &["Search files", "File name"]),
                ("starred", &["Starred", "Favorites"]),
                ("sort", &["Sort by size", "Largest first"]),
                ("new_folder", &["New folder", "Create folder", "Add folder"]),
                ("name", &["Name", "File name", "New name"]),
                ("create", &["Create", "OK"]),
                ("ok", &["OK", "Rename", "Done"]),
                ("star", &["Star", "Add to starred"]),
                ("unstar", &["Unstar", "Remove from starred"]),
                ("rename", &["Rename", "Change name"]),
                ("move", &["Move", "Move to", "Move file"]),
                ("share", &["Share", "Send"]),
                ("delete", &["Delete", "Delete file", "Remove"]),
                ("confirm_delete", &["Delete", "Delete for ever", "Remove"]),
                ("cancel", &["Cancel", "Back"]),
                ("allow", &["Allow access", "Show files"]),
            ],
            ..Manifest::DEFAULT
        }
    }

    fn new(seeder: &mut Seeder) -> Self {
        const FOLDERS: &[&str] = &[
            "Documents",
            "Downloads",
            "Pictures",
            "Music",
            "Work",
            "Invoices",
            "School",
            "Receipts",
            "Projects",
            "Travel",
            "Archive",
            "Videos",
        ];
        let folders: Vec<Folder> =
            (1..).zip(seeder.strings(FOLDERS, 6)).map(|(id, name)| Folder { id, name }).collect();
        let stems = seeder.strings(vocabulary::FILE_NAMES, 16);
        let files = (1..)
            .zip(stems)
            .map(|(id, stem)| {
                let ending = seeder.pick(&["pdf", "txt", "jpg", "png", "mp3", "docx", "zip", "mp4"]);
                let number = if seeder.chance(0.3) { format!("_{}", seeder.number(1..=30)) } else { String::new() };
                File {
                    id,
                    name: format!("{stem}{number}.{ending}"),
                    folder: seeder.pick(&folders).id,
                    size: seeder.number(12..=9000) as u32,
                    starred: seeder.chance(0.15),
                }
            })
            .collect();
        let allowed = seeder.chance(0.7);
        Self {
            folders,
            files,
            page: Vec::new(),
            prompt: None,
            search: String::new(),
            largest_first: false,
            next_id: 100,
            allowed,
        }
    }

    fn view(&self, cx: &ViewContext<'_>) -> Page<Message> {
        if !self.allowed {
            return Page::new("no_access", cx.label("files"))
                .with(Widget::text("why", "This app needs access to the files on this phone"))
                .with(Widget::button("allow", cx.label("allow")).on_press(Message::AskAccess));
        }
        let page = match self.page.last() {
            None => self.front(cx),
            Some(Place::Folder(id)) => self.folder_page(*id, cx),
            Some(Place::File(id)) => match self.files.iter().find(|file| file.id == *id) {
                Some(file) => self.file_page(file, cx),
                None => self.front(cx),
            },
            Some(Place::Search) => self.found(cx),
            Some(Place::Starred) => Page::new("starred", cx.label("starred"))
                .up(Message::Back)
                .with_all(self.file_rows(|file| file.starred)),
        };
        page.dialog(self.prompt.as_ref().map(|prompt| self.dialog(prompt, cx)))
    }

    fn update(&mut self, message: Message, cx: &mut Context<'_, Message>) {
        match message {
            Message::AskAccess => cx.request_permission(Permission::Storage, Message::Access),
            Message::Access(granted) => self.allowed = granted,
            Message::OpenFolder(id) => self.page.push(Place::Folder(id)),
            Message::OpenFile(id) => self.page.push(Place::File(id)),
            Message::Back => {
                self.back();
            }
            Message::StartSearch => {
                self.search.clear();
                self.page.push(Place::Search);
            }
            Message::Search(text) => self.search = text,
            Message::ShowStarred => self.page.push(Place::Starred),
            Message::SortBySize => self.largest_first = !self.largest_first,
            Message::NewFolder => self.prompt = Some(Prompt::NewFolder(String::new())),
            Message::Text(text) => match &mut self.prompt {
                Some(Prompt::NewFolder(name) | Prompt::Rename { name, .. }) => *name = text,
                Some(Prompt::Move { .. } | Prompt::Delete { .. }) | None => {}
            },
            Message::Close => self.prompt = None,
            Message::CreateFolder => self.create_folder(cx),
            Message::Star(id) => {
                if let Some(file) = self.get_mut(id) {
                    file.starred = !file.starred;
                }
            }
            Message::StartRename(file) => {
                let name = self.get_mut(file).map(|one| one.name.clone()).unwrap_or_default();
                self.prompt = Some(Prompt::Rename { file, name });
            }
            Message::Rename => {
                if let Some(Prompt::Rename { file, name }) = self.prompt.take()
                    && let Some(one) = self.get_mut(file).filter(|_| !name.trim().is_empty())
                {
                    one.name = name.trim().to_owned();
                    cx.toast("File renamed");
                }
            }
            Message::StartMove(file) => self.prompt = Some(Prompt::Move { file }),
            Message::MoveTo(folder) => {
                if let Some(Prompt::Move { file }) = self.prompt.take()
                    && let Some(one) = self.get_mut(file)
                {
                    one.folder = folder;
                    cx.toast("File moved");
                }
            }
            Message::AskDelete(file) => self.prompt = Some(Prompt::Delete { file }),
            Message::Delete => {
                if let Some(Prompt::Delete { file }) = self.prompt.take() {
                    self.files.retain(|one| one.id != file);
                    self.page.pop();
                    cx.toast("File deleted");
                }
            }
            Message::Share(id) => {
                let name = self.get_mut(id).map(|file| file.name.clone()).unwrap_or_default();
                cx.share(name);
            }
        }
    }

    fn back(&mut self) -> bool {
        self.prompt.take().is_some() || self.page.pop().is_some()
    }

    fn open(&mut self, intent: Intent, _cx: &mut Context<'_, Message>) {
        if let Intent::Show { name } = intent {
            self.reset();
            if let Some(id) = self.find(&name).map(|file| file.id) {
                self.page.push(Place::File(id));
            }
        }
    }
}
