//! Wordings that training never sees, two for each task: what they are solved with says how well requests are understood,
//! beyond the wordings that were learnt. Whoever adds wordings to a task or to [`crate::reword`] leaves these alone.

/// The held-out wordings of a task.
pub fn held_out(task: &str) -> &'static [&'static str] {
    HELD_OUT.iter().find(|(name, _)| *name == task).map_or(&[], |(_, wordings)| wordings)
}

/// Every task's held-out wordings, in the order of the suite.
pub const HELD_OUT: &[(&str, &[&str])] = &[
    ("settings_turn_on_wifi", &["Get {switch} running", "Why is {switch} off? Put it back on"]),
    ("settings_turn_off_bluetooth", &["Shut down {switch}", "{switch} eats my battery, kill it"]),
    ("settings_turn_on_airplane", &["Put the phone in {switch} for the flight", "Set {switch} to on"]),
    (
        "settings_turn_on_dark_theme",
        &["Everything is too bright, give me {switch}", "Make the phone use {switch} from now on"],
    ),
    ("settings_turn_on_any", &["Set {switch} to on", "The switch {switch} should be on"]),
    ("settings_turn_off_any", &["Set {switch} to off", "The switch {switch} should be off"]),
    ("settings_turn_two", &["Give me {first} and take {second} away", "First {first} on, next {second} off"]),
    ("settings_screen_timeout", &["Pick {choice} for {setting}", "{setting} should be {choice}"]),
    (
        "settings_ringtone",
        &["Pick {choice} for the {setting}", "When somebody calls I want to hear {choice} as {setting}"],
    ),
    ("settings_font_size", &["Letters are hard to see, {setting} should be {choice}", "Pick {choice} for {setting}"]),
    ("settings_language", &["Pick {choice} for {setting}", "The phone should speak {choice}, see {setting}"]),
    ("settings_volume", &["{setting}: {direction} to the end", "Slide {setting} {direction} as far as it goes"]),
    ("settings_rename_phone", &["Call this phone {name}", "The {device_name} should read {name}"]),
    (
        "settings_connect_network",
        &["Get online with {network}, key {password}", "Log into the network {network} using {password}"],
    ),
    ("settings_pair_device", &["Link {device} to the phone", "Get {device} working with this phone"]),
    ("settings_uninstall", &["Take {name} off the phone", "I want {name} gone from this phone"]),
    ("settings_force_stop", &["Kill {name}", "{name} is frozen, make it stop by force"]),
    ("settings_revoke_permission", &["{name} should not have {permission}", "Don't let {name} use {permission}"]),
    ("settings_mute_app", &["Silence the notifications of {name}", "{name} may not notify me any more"]),
    ("settings_which_version", &["Find the {row} and tell me", "I need to know the {row}"]),
    ("settings_which_model", &["Find the {row} and tell me", "I need to know the {row}"]),
    ("settings_storage_used", &["Look at {row} and tell me what is used", "How full is my phone? See {row}"]),
    ("settings_connect_missing_network", &["Get online with {network}", "Log into the network {network}"]),
    (
        "settings_airplane_and_tell",
        &["{switch} first, then a message to {name}: {text}", "Go into {switch} and tell {name} {text}"],
    ),
    ("contacts_add", &["Put {name} into my contacts, phone {number}", "{number} belongs to {name}, store that"]),
    (
        "contacts_add_with_company",
        &[
            "Store {name}: {number}, {email}, works for {company}",
            "Put {name} of {company} into my contacts with {number} and {email}",
        ],
    ),
    (
        "contacts_change_number",
        &["From now on {name} has the phone number {number}", "Replace the number of {name} by {number}"],
    ),
    (
        "contacts_change_company",
        &["{name} has a new job at {company}, correct the contact", "Replace the company of {name} by {company}"],
    ),
    ("contacts_delete", &["{name} can go from my contacts", "Drop the contact {name}"]),
    ("contacts_favorite", &["Put {name} among my favorites", "I want {name} marked with {favorite}"]),
    ("contacts_call", &["Dial {name}", "I want to talk to {name} on the phone"]),
    (
        "contacts_which_number",
        &["How can I reach {name} by phone? I need the number", "Give me the phone number of {name}"],
    ),
    ("contacts_which_email", &["Where do I write an email to {name}?", "Give me the email address of {name}"]),
    ("contacts_missing", &["Give me the phone number of {name}", "Drop the contact {name}"]),
    (
        "contacts_message",
        &["Go to the contact {name} and message them {text}", "Starting from {name} in {app}, send {text}"],
    ),
    (
        "contacts_share",
        &[
            "Forward the contact {other} to {name} using {messages}",
            "{name} should get the contact {other} through {messages}",
        ],
    ),
    ("messages_send", &["Let {name} know: {text}", "Drop {name} a line saying {text}"]),
    ("messages_send_to_new", &["Let {number} know: {text}", "SMS to {number}: {text}"]),
    ("messages_mute", &["{name} is too loud. {item} that chat", "Apply {item} to the chat with {name}"]),
    ("messages_pin", &["Apply {item} to the chat with {name}", "I want {item} for {name}"]),
    ("messages_archive", &["Apply {item} to the chat with {name}", "The conversation with {name} is over, {item}"]),
    (
        "messages_unarchive",
        &["Fetch the chat with {name} out of {archived}", "Apply {item} to {name}, who is in {archived}"],
    ),
    ("messages_delete", &["Wipe the conversation with {name}", "Nothing of my chat with {name} should be left"]),
    ("messages_last_from", &["Read me the newest message of {name}", "What was {name}'s last text?"]),
    ("messages_who_wrote", &["Find the message \"{text}\" and tell me who sent it", "Which person texted me {text}?"]),
    ("messages_missing_conversation", &["Wipe the conversation with {name}", "Read me the newest message of {name}"]),
    (
        "messages_send_phone_number",
        &["Pass the phone number of {other} on to {name}", "{name} is asking how to phone {other}. Text the number"],
    ),
    (
        "messages_send_email_address",
        &["Pass the email address of {other} on to {name}", "{name} is asking for the email of {other}. Text it"],
    ),
    ("clock_turn_on_alarm", &["The {time} alarm should be on", "Let the alarm at {time} ring again"]),
    ("clock_turn_off_alarm", &["The {time} alarm should be off", "Don't let the alarm at {time} ring"]),
    ("clock_create_alarm", &["I need an alarm at {time}", "Make the phone ring at {time}"]),
    (
        "clock_create_labelled_alarm",
        &["I need an alarm at {time}, named {label}", "Make the phone ring at {time} for {label}"],
    ),
    ("clock_delete_alarm", &["The alarm for {time} can go", "Drop the {time} alarm for good"]),
    (
        "clock_change_alarm_time",
        &["{label} should ring at {time} from now on", "Reschedule the alarm {label} to {time}"],
    ),
    ("clock_repeat_alarm", &["Every {day} the {time} alarm should ring", "Add {day} to the days of my {time} alarm"]),
    (
        "clock_start_timer",
        &["Count down {minutes} minutes", "Let me know when {minutes} minutes are over, use a timer"],
    ),
    ("clock_start_stopwatch", &["Time me with the stopwatch", "Let the stopwatch run"]),
    ("clock_add_city", &["I want {city} among the cities of the world clock", "Track the time of {city} in the clock"]),
    ("clock_remove_city", &["{city} can go from the world clock", "Drop {city} in the clock's list of cities"]),
    ("clock_when_is_alarm", &["When will {label} wake me?", "Give me the time of the alarm {label}"]),
    ("clock_how_many_alarms_on", &["How many alarms will ring?", "Give me the number of alarms that are on"]),
    ("clock_missing_alarm", &["Drop the {time} alarm for good", "The {time} alarm should be off"]),
    (
        "clock_note_alarm_time",
        &[
            "Put the time of the alarm {label} into a new note, also titled {label}",
            "New note {label} with when the {label} alarm goes off",
        ],
    ),
    (
        "clock_send_alarm_time",
        &["Let {name} know by message what time the {label} alarm is at", "Text {name} when {label} rings"],
    ),
    (
        "calendar_create_event",
        &["Schedule {title} for {time} today", "Today at {time} I have {title}, note it in the calendar"],
    ),
    (
        "calendar_create_all_day",
        &["Schedule {title} for all of tomorrow", "Mark tomorrow as {title} in the calendar, the whole day"],
    ),
    ("calendar_delete_event", &["{title} is off, drop it from the calendar", "Strike {title} from my calendar"]),
    (
        "calendar_set_reminder",
        &["I don't want to forget {title}, use {reminder}", "Activate the {reminder} of {title}"],
    ),
    ("calendar_change_location", &["{title} takes place at {place} now", "New location for {title}: {place}"]),
    ("calendar_when_is", &["Give me the starting time of {title}", "From what time is {title}?"]),
    (
        "calendar_send_date",
        &[
            "Forward the event {title} to {name} using {messages}",
            "{name} should get the event {title} through {messages}",
        ],
    ),
    (
        "calendar_note_from_event",
        &[
            "Turn the event {title} into a note named {title} in {notes}",
            "Use sharing to save the event {title} in {notes}, titled {title}",
        ],
    ),
    ("notes_create", &["Jot down {text}, title {title}", "I need a note {title} with {text} in it"]),
    ("notes_edit_text", &["Overwrite the note {title} with {text}", "The note {title} should now read {text}"]),
    (
        "notes_rename",
        &["{title} is a bad title for that note, use {new_title}", "Let the note {title} have the name {new_title}"],
    ),
    ("notes_pin", &["Fix {title} at the top of my notes", "The note {title} should be pinned"]),
    ("notes_unpin", &["The note {title} should not be pinned", "Stop keeping {title} at the top of my notes"]),
    ("notes_delete", &["The note {title} can go", "Drop the note {title}"]),
    ("notes_restore", &["I need the note {title} again, it is in the bin", "Rescue {title} from the deleted notes"]),
    ("notes_search_and_open", &["Pull up the note {title}", "Look for {title} among my notes and open it"]),
    ("notes_what_does_it_say", &["What's in the note {title}?", "Tell me the content of the note {title}"]),
    (
        "notes_which_mentions",
        &["Find the note with the word {word}, I need its title", "Where in my notes does {word} come up?"],
    ),
    (
        "notes_how_many_in_bin",
        &["How many notes did I throw away that are still there?", "Give me the number of notes in the bin"],
    ),
    ("notes_missing", &["The note {title} can go", "Pull up the note {title}"]),
    (
        "notes_send_text",
        &[
            "Let {name} know what is written in the note {title}",
            "Copy the words of my note {title} into a message to {name}",
        ],
    ),
    (
        "notes_share",
        &[
            "Forward the note {title} to {name} using {messages}",
            "{name} should get the note {title} through {messages}",
        ],
    ),
    (
        "notes_contact_number",
        &["Put the number of {name} into a new note titled {title}", "New note {title} with how to phone {name}"],
    ),
    ("files_create_folder", &["I want a place for files named {name}, a new folder", "Set up the folder {name}"]),
    ("files_rename_file", &["Let the file {file} have the name {name}", "{file} is a bad name, use {name}"]),
    ("files_move_file", &["Bring {file} over to {target}", "Store {file} in the folder {target} instead"]),
    ("files_delete_file", &["The file {file} can go", "Drop {file} for good"]),
    ("files_star_file", &["Give {file} a star", "I want {file} among the starred files"]),
    ("files_how_large", &["How many bytes is {file}? Tell me its size", "Give me the size of {file}"]),
    ("files_missing_file", &["The file {file} can go", "Give {file} a star"]),
    (
        "files_send_file",
        &["Forward the file {file} to {person} using {messages}", "{person} should get {file} through {messages}"],
    ),
    ("shop_add_to_cart", &["Lay {product} in the {cart}", "I'll take the {product}: {cart}"]),
    ("shop_add_two", &["{product} twice into the {cart}", "I'll take two of {product}: {cart}"]),
    ("shop_wish", &["I dream of the {product}, {wishlist}", "Remember the {product} on the {wishlist}"]),
    ("shop_buy", &["I'll take the {product}, complete the order", "Get me the {product}, pay with standard shipping"]),
    (
        "shop_buy_express",
        &["Get me the {product} by {express}", "I'll take the {product} with {express}, complete the order"],
    ),
    ("shop_empty_cart", &["The {product} should not be in the {cart}", "Drop {product} from the {cart}"]),
    ("shop_price_of", &["What do they want for the {product}?", "Give me the price of the {product}"]),
    (
        "shop_tell_price",
        &[
            "{product} into the {cart}, and a message to {person}: {text}",
            "After laying {product} in the {cart}, let {person} know {text}",
        ],
    ),
];

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::suites::sim::{TaskTemplate, templates};

    /// What a wording names.
    pub fn placeholders(wording: &str) -> BTreeSet<&str> {
        wording.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    /// What every wording of a task names: it cannot be done without.
    pub fn needed(template: &TaskTemplate) -> BTreeSet<&'static str> {
        let first = placeholders(template.wordings[0]);
        template.wordings.iter().fold(first, |all, one| all.intersection(&placeholders(one)).copied().collect())
    }

    #[test]
    fn every_task_has_wordings_that_training_has_not() {
        for template in templates() {
            let wordings = held_out(template.name);
            assert!(wordings.len() >= 2, "{} has {} held-out wordings", template.name, wordings.len());
            let known: Vec<String> = template.wordings.iter().map(|wording| wording.to_lowercase()).collect();
            let needed = needed(template);
            for wording in wordings {
                assert!(!known.contains(&wording.to_lowercase()), "{}: {wording:?} is trained on", template.name);
                assert!(
                    needed.is_subset(&placeholders(wording)),
                    "{}: {wording:?} leaves something out",
                    template.name
                );
            }
        }
        for (name, _) in HELD_OUT {
            assert!(templates().any(|template| template.name == *name), "there is no task {name}");
        }
    }

    #[test]
    fn every_placeholder_is_filled() {
        use crate::Wordings;
        use crate::suites::sim::{SimEpisode, Variation};
        for template in templates() {
            for seed in 1..5 {
                for wordings in [Wordings::HeldOut, Wordings::Varied] {
                    let goal = SimEpisode::worded(template, seed, Variation::Synonyms, wordings).instance.goal;
                    assert!(!goal.contains(['{', '}']), "{}: {goal}", template.name);
                }
            }
        }
    }
}
