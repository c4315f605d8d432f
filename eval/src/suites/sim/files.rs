//! Tasks that begin in Files.

use deftly_sim::SimPhone;
use deftly_sim::apps::files::{File, Files, Folder, size};
use deftly_sim::apps::messages::Messages;

use super::{Difficulty, Kind, Plan, Task, TaskBuilder, TaskTemplate};

pub(super) static TEMPLATES: &[TaskTemplate] = &[
    TaskTemplate {
        name: "files_create_folder",
        apps: &["files"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Create a folder called {name}",
            "Make a new folder {name} in {files}",
            "Add the folder {name}",
            "I need a folder named {name} for my files",
        ],
        build: create_folder,
    },
    TaskTemplate {
        name: "files_rename_file",
        apps: &["files"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Rename the file {file} to {name}",
            "Change the name of {file} to {name}",
            "The file {file} should be called {name}",
            "Rename {file} in {folder}, call it {name}",
        ],
        build: rename_file,
    },
    TaskTemplate {
        name: "files_move_file",
        apps: &["files"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Move {file} to the folder {target}",
            "Put the file {file} into {target}",
            "Move the file {file} from {folder} to {target}",
            "{file} belongs into the folder {target}, please move it",
        ],
        build: move_file,
    },
    TaskTemplate {
        name: "files_delete_file",
        apps: &["files"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Delete the file {file}",
            "Remove {file} from my files",
            "I do not need {file} any more, delete it",
            "Please delete {file} in {folder}",
        ],
        build: delete_file,
    },
    TaskTemplate {
        name: "files_star_file",
        apps: &["files"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Star the file {file}",
            "Add {file} to the starred files",
            "Mark {file} with a star",
            "Put a star on {file}",
        ],
        build: star_file,
    },
    TaskTemplate {
        name: "files_how_large",
        apps: &["files"],
        difficulty: Difficulty::Medium,
        kind: Kind::Answer,
        wordings: &[
            "How large is the file {file}?",
            "What is the size of {file}?",
            "Tell me how big {file} is",
            "Size of {file}?",
        ],
        build: how_large,
    },
    TaskTemplate {
        name: "files_missing_file",
        apps: &["files"],
        difficulty: Difficulty::Medium,
        kind: Kind::Infeasible,
        wordings: &[
            "Delete the file {file}",
            "Open the file {file}",
            "Move {file} to {folder}",
            "Rename {file} to old_{file}",
        ],
        build: missing_file,
    },
    TaskTemplate {
        name: "files_send_file",
        apps: &["files", "messages"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Share the file {file} with {person} through {messages}",
            "Send {person} the file {file}",
            "Share {file} from {files} with {person} in {messages}",
        ],
        build: send_file,
    },
];

fn create_folder(b: &mut TaskBuilder<'_>) -> Task {
    let name =
        b.choose(&["Taxes", "Recipes", "Garden", "Letters", "Band", "Insurance", "Kids", "Manuals", "Maps 2026"]);
    b.param("files", b.phone.app_name("files")).param("name", name);
    let plan = in_files().tap("new_folder").type_into("name_field", name).tap("create");
    Task::reach(move |phone| phone.app::<Files>().folder(name).is_some(), plan)
}

fn rename_file(b: &mut TaskBuilder<'_>) -> Task {
    let file = some_file(b);
    let ending = file.name.rsplit('.').next().unwrap_or("txt").to_owned();
    let stem = b.choose(&["final", "copy_for_anna", "old_version", "important", "to_print", "archive_2025"]);
    let name = format!("{stem}.{ending}");
    b.param("name", &name);
    let plan = search_for(&file).tap("rename").type_into("name_field", name.clone()).tap("ok");
    Task::reach(move |phone| get(phone, file.id).is_some_and(|file| file.name == name), plan)
}

fn move_file(b: &mut TaskBuilder<'_>) -> Task {
    let file = some_file(b);
    let others: Vec<Folder> =
        b.phone.app::<Files>().folders.iter().filter(|folder| folder.id != file.folder).cloned().collect();
    let target = b.choose(&others);
    b.param("target", &target.name);
    let plan = search_for(&file).tap("move").tap(format!("move_to_{}", target.id));
    Task::reach(move |phone| get(phone, file.id).is_some_and(|file| file.folder == target.id), plan)
}

fn delete_file(b: &mut TaskBuilder<'_>) -> Task {
    let file = some_file(b);
    let count = b.phone.app::<Files>().files.len();
    let plan = search_for(&file).tap("delete").tap("confirm_delete");
    Task::reach(move |phone| get(phone, file.id).is_none() && phone.app::<Files>().files.len() + 1 == count, plan)
}

fn star_file(b: &mut TaskBuilder<'_>) -> Task {
    let file = some_file(b);
    if let Some(one) = b.phone.app_mut::<Files>().files.iter_mut().find(|one| one.id == file.id) {
        one.starred = false;
    }
    let plan = search_for(&file).tap("star");
    Task::reach(move |phone| get(phone, file.id).is_some_and(|file| file.starred), plan)
}

fn how_large(b: &mut TaskBuilder<'_>) -> Task {
    let file = some_file(b);
    Task::answer([size(file.size)], search_for(&file).see("size"))
}

fn missing_file(b: &mut TaskBuilder<'_>) -> Task {
    let name = format!("{}_{}.pdf", b.choose(&["zeppelin", "walrus", "kumquat", "obelisk"]), b.number(40..=99));
    let folder = b.phone.app::<Files>().folders.first().map(|folder| folder.name.clone()).unwrap_or_default();
    b.param("file", &name).param("folder", folder);
    let names = |phone: &SimPhone| phone.app::<Files>().files.iter().map(|file| file.name.clone()).collect::<Vec<_>>();
    let before = names(b.phone);
    // It was searched for, and the page says that nothing was found.
    let plan = in_files().tap("search").type_into("search_field", name).see("nothing");
    Task::infeasible(move |phone| names(phone) == before, plan)
}

fn send_file(b: &mut TaskBuilder<'_>) -> Task {
    let file = some_file(b);
    let chats = &b.phone.app::<Messages>().chats;
    let people: Vec<(u32, String)> = chats.iter().map(|chat| (chat.id, chat.with.clone())).collect();
    let (id, person) = b.choose(&people);
    b.param("person", &person);
    b.param("messages", b.phone.app_name("messages"));
    b.param("files", b.phone.app_name("files"));
    let name = file.name.clone();
    let plan = search_for(&file)
        .tap("share")
        .tap("share_messages")
        .until(move |phone| {
            let messages = phone.app::<Messages>();
            messages.writing_to().is_some() && messages.draft() == name
        })
        .open("messages")
        .type_into("to", person.clone())
        .tap(format!("suggestion_{id}"))
        .tap("send");
    Task::reach(move |phone| phone.app::<Messages>().sent(&person, &file.name), plan)
}

fn get(phone: &SimPhone, id: u32) -> Option<&File> {
    phone.app::<Files>().files.iter().find(|file| file.id == id)
}

/// A file of this phone, as `{file}`, with its `{folder}`.
fn some_file(b: &mut TaskBuilder<'_>) -> File {
    let files = b.phone.app::<Files>();
    let file = files.files.clone();
    let folders = files.folders.clone();
    let file = b.choose(&file);
    let folder = folders.iter().find(|folder| folder.id == file.folder).map(|folder| folder.name.clone());
    b.param("file", &file.name).param("folder", folder.unwrap_or_default());
    file
}

/// Some phones have not let the app see the files yet.
fn in_files() -> Plan {
    Plan::in_app("files").tap("allow").tap("permission_allow_button")
}

/// The file's page, by way of the search, which finds it in any folder.
fn search_for(file: &File) -> Plan {
    let key = format!("file_{}", file.id);
    in_files().tap("search").type_into("search_field", file.name.clone()).tap(key)
}
