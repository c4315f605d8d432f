//! What drawn apps are made of: settings by group, and kinds of apps with the things that they hold.
//!
//! Each thing has several names, as makers and people differ: the screen shows one, the goal may use another.

/// What a setting takes.
pub(super) enum Takes {
    OnOff,
    OneOf(&'static [&'static str]),
    Text(&'static [&'static str]),
}

pub(super) struct Setting {
    pub names: &'static [&'static str],
    pub takes: Takes,
}

pub(super) struct Group {
    pub names: &'static [&'static str],
    pub settings: &'static [Setting],
}

const fn flip(names: &'static [&'static str]) -> Setting {
    Setting { names, takes: Takes::OnOff }
}

const fn pick(names: &'static [&'static str], values: &'static [&'static str]) -> Setting {
    Setting { names, takes: Takes::OneOf(values) }
}

const fn text(names: &'static [&'static str], values: &'static [&'static str]) -> Setting {
    Setting { names, takes: Takes::Text(values) }
}

const SIZES: &[&str] = &["Tiny", "Small", "Medium", "Normal", "Large", "Huge"];
const COUNTS: &[&str] = &["1", "2", "3", "4", "5", "6", "8", "10", "12", "20"];
const TIMES: &[&str] =
    &["Never", "Immediately", "10 seconds", "30 seconds", "1 minute", "5 minutes", "15 minutes", "1 hour", "1 day"];
const ORDERS: &[&str] = &["Name", "Date", "Size", "Last used", "Type", "Custom order", "Rating"];
const COLORS: &[&str] = &["Red", "Blue", "Green", "Orange", "Purple", "Teal", "Pink", "Gray", "Amber", "Brown"];
const TONES: &[&str] = &["Bell", "Chime", "Drop", "Echo", "Marimba", "Pulse", "Silent", "Sunrise", "Whistle"];
const NETWORKS: &[&str] = &["Wi-Fi only", "Wi-Fi and mobile data", "Any network", "Ask every time"];
const FOLDERS: &[&str] = &["Internal storage", "SD card", "Downloads", "Documents", "Cloud", "Ask every time"];
const PERCENT: &[&str] = &["25%", "50%", "75%", "90%", "100%", "110%", "125%", "150%", "200%"];
const SITES: &[&str] = &["Wikipedia", "Duck", "Compass", "Lookup", "Finder", "Atlas"];

/// Settings of all kinds of apps.
pub(super) const GROUPS: &[Group] = &[
    Group {
        names: &["Appearance", "Look and feel", "Theme and colors", "Style", "Interface"],
        settings: &[
            pick(
                &["Theme", "Color theme", "App theme", "Color scheme"],
                &["Light", "Dark", "Black", "System default", "Sepia", "High contrast"],
            ),
            pick(&["Font size", "Text size", "Size of the text"], SIZES),
            pick(&["Accent color", "Highlight color"], COLORS),
            pick(&["Text alignment", "Align text"], &["Left", "Right", "Center", "Justified"]),
            pick(&["Font", "Typeface"], &["Sans", "Serif", "Monospace", "Rounded", "Handwriting"]),
            flip(&["Show the clock at the top of the screen"]),
            flip(&["Use the same colors as the wallpaper", "Colors from the wallpaper"]),
            flip(&["Tint the icon of the app"]),
            flip(&["Round corners", "Rounded corners"]),
            flip(&["Colorful navigation bar", "Tint the navigation bar"]),
            flip(&["Large previews", "Show large previews", "Big previews"]),
            flip(&["Animations", "Show animations"]),
            flip(&["Compact layout", "Compact mode", "Dense list"]),
        ],
    },
    Group {
        names: &["List", "List view", "Layout", "View"],
        settings: &[
            pick(&["Columns", "Number of columns", "Columns per row", "Items per row"], COUNTS),
            pick(&["Sort order", "Sort by", "Default sorting"], ORDERS),
            pick(
                &["View mode", "View type", "Show items as", "Layout mode"],
                &["List", "Grid", "Cards", "Tiles", "Details"],
            ),
            pick(&["Group by", "Grouping"], &["None", "Day", "Month", "Year", "Type", "Folder"]),
            flip(&["Show the number of items under each folder"]),
            flip(&["Remember the place in the list", "Remember where I was in the list"]),
            flip(&["Mark items that were opened before"]),
            flip(&["Show hidden items", "Hidden items"]),
            flip(&["Show thumbnails", "Thumbnails", "Preview pictures"]),
            flip(&["Show extensions", "File extensions", "Show file name endings"]),
            flip(&["Show dates", "Dates in the list"]),
            flip(&["Folders first", "Put folders first"]),
        ],
    },
    Group {
        names: &["Notifications", "Alerts", "Reminders"],
        settings: &[
            flip(&["Show a notification while the app runs", "Notification while running"]),
            flip(&["Wake up the screen when a message arrives"]),
            flip(&["Repeat the alert until it is read"]),
            flip(&["Allow notifications", "Show notifications", "Notifications"]),
            flip(&["Daily summary", "Send a daily summary"]),
            flip(&["Vibrate", "Vibration", "Vibrate on alerts"]),
            pick(&["Notification sound", "Alert sound", "Sound of alerts"], TONES),
            pick(
                &["Reminder time", "Remind me", "Default reminder"],
                &["At the time", "5 minutes before", "15 minutes before", "1 hour before", "1 day before"],
            ),
            flip(&["Hide content", "Hide message content", "Private notifications"]),
            flip(&["Persistent notification", "Keep a notification"]),
            pick(
                &["Snooze", "Snooze length", "Snooze time"],
                &["1 minute", "5 minutes", "10 minutes", "15 minutes", "30 minutes"],
            ),
        ],
    },
    Group {
        names: &["Security", "Privacy", "Privacy and security", "Protection"],
        settings: &[
            flip(&["Ask for a password when opening hidden items"]),
            flip(&["Delete everything after ten wrong attempts"]),
            flip(&["Hide the app from the list of recent apps"]),
            flip(&["App lock", "Lock the app", "Password protection"]),
            pick(&["Lock after", "Lock timeout", "Lock automatically after"], TIMES),
            flip(&["Fingerprint unlock", "Unlock with fingerprint", "Use fingerprint"]),
            flip(&["Block screenshots", "Forbid screenshots"]),
            flip(&["Clear history on exit", "Delete history on exit"]),
            flip(&["Send usage statistics", "Usage statistics", "Share usage data"]),
            flip(&["Do not track", "Send do-not-track"]),
            pick(&["Cookies", "Accept cookies"], &["All", "None", "Only this site", "Ask"]),
            flip(&["Incognito keyboard", "Private keyboard"]),
        ],
    },
    Group {
        names: &["Playback", "Player", "Audio and video", "Media"],
        settings: &[
            flip(&["Pause when the headphones are unplugged", "Pause without headphones"]),
            flip(&["Continue playing after a call"]),
            flip(&["Change the volume with a swipe", "Swipe to change the volume"]),
            flip(&["Play without gaps between songs"]),
            flip(&["Loop videos", "Play videos in a loop", "Repeat videos"]),
            flip(&["Autoplay", "Play automatically", "Start playback automatically"]),
            flip(&["Skip silence", "Skip silent parts", "Leave out silence"]),
            pick(&["Playback speed", "Speed"], &["0.5x", "0.75x", "1x", "1.25x", "1.5x", "2x"]),
            pick(&["Video quality", "Streaming quality", "Quality"], &["Auto", "360p", "480p", "720p", "1080p", "4K"]),
            pick(
                &["Equalizer", "Sound preset", "Equalizer preset"],
                &["Flat", "Rock", "Pop", "Jazz", "Classical", "Bass boost", "Vocal", "Dance"],
            ),
            flip(&["Resume playback", "Continue where I stopped", "Remember position"]),
            pick(&["Skip length", "Jump forward by", "Fast forward step"], &["5 s", "10 s", "15 s", "30 s", "60 s"]),
            pick(&["Subtitles", "Subtitle language"], &["Off", "English", "German", "Spanish", "French", "Japanese"]),
            flip(&["Crossfade", "Fade between songs"]),
            pick(
                &["Sleep timer", "Stop playing after"],
                &["Off", "5 minutes", "10 minutes", "20 minutes", "45 minutes", "1 hour"],
            ),
        ],
    },
    Group {
        names: &["Recording", "Capture", "Camera and microphone"],
        settings: &[
            pick(&["Photo quality", "Picture quality", "Image quality"], PERCENT),
            pick(
                &["Resolution", "Photo resolution", "Picture size"],
                &["2 MP", "5 MP", "8 MP", "12 MP", "16 MP", "48 MP"],
            ),
            pick(&["Flash", "Flash light"], &["On", "Off", "Auto"]),
            pick(&["Self-timer", "Timer before a photo", "Shutter delay"], &["Off", "2 s", "3 s", "5 s", "10 s"]),
            flip(&["Start the camera when the app opens", "Begin with the camera"]),
            flip(&["Keep a copy of the original picture"]),
            flip(&["Show the picture after it was taken"]),
            flip(&["Shutter tone", "Camera sound", "Sound when taking a photo"]),
            flip(&["Grid lines", "Show grid", "Composition grid"]),
            flip(&["Save location", "Location tags", "Store where it was taken"]),
            flip(&["Mirror selfies", "Flip selfies", "Mirror front camera"]),
            pick(&["Sample rate", "Sampling rate"], &["8 kHz", "16 kHz", "22 kHz", "44.1 kHz", "48 kHz"]),
            pick(&["File format", "Format", "Save files as"], &["wav", "ogg", "flac", "aac", "opus"]),
            pick(
                &["Audio input", "Input device", "Recording device"],
                &["Built-in", "Headset", "Bluetooth", "USB", "Line in"],
            ),
            pick(&["Buttons on the side", "Volume keys"], &["Take photo", "Zoom", "Change volume", "Nothing"]),
        ],
    },
    Group {
        names: &["Storage", "Data", "Storage and data", "Downloads"],
        settings: &[
            pick(&["Download over", "Network for downloads"], NETWORKS),
            pick(&["Save to", "Download folder", "Save folder", "Storage location"], FOLDERS),
            flip(&["Download new episodes only while charging"]),
            flip(&["Move deleted items to the bin", "Use a bin for deleted items"]),
            flip(&["Data saver", "Save data"]),
            flip(&["Auto delete", "Delete old items", "Clean up automatically"]),
            pick(
                &["Keep for", "Delete after", "Keep items for"],
                &["1 week", "1 month", "3 months", "1 year", "Forever"],
            ),
            flip(&["Compress files", "Compression"]),
            flip(&["Preload", "Load in advance"]),
            pick(&["Cache size", "Maximum cache"], &["50 MB", "100 MB", "250 MB", "500 MB", "1 GB", "2 GB"]),
        ],
    },
    Group {
        names: &["Sync", "Backup", "Backup and sync", "Accounts and sync"],
        settings: &[
            flip(&["Sync as soon as the app is opened", "Sync when opening the app"]),
            flip(&["Warn me before large uploads"]),
            flip(&["Automatic sync", "Sync automatically", "Keep in sync"]),
            pick(
                &["Sync every", "Sync interval", "Update interval"],
                &["Never", "15 minutes", "30 minutes", "1 hour", "6 hours", "1 day"],
            ),
            flip(&["Back up photos", "Photo backup"]),
            flip(&["Sync while roaming", "Roaming sync"]),
            pick(&["Back up to", "Backup place", "Backup target"], &["Cloud", "SD card", "Computer", "Home server"]),
            text(
                &["Account name", "User name", "Nickname"],
                &["traveller", "night owl", "paperboat", "green tea", "pilot"],
            ),
            text(&["Server", "Server address"], &["home.example.org", "sync.example.com", "files.example.net"]),
        ],
    },
    Group {
        names: &["General", "Basics", "Behavior", "Common"],
        settings: &[
            pick(
                &["Language", "App language"],
                &["English", "Deutsch", "Français", "Español", "Polski", "Türkçe", "Nederlands"],
            ),
            pick(
                &["Start screen", "Open on start", "First page"],
                &["Home", "Last page", "Search", "Favorites", "Recent"],
            ),
            pick(&["Date format", "Format of dates"], &["31.12.2026", "12/31/2026", "2026-12-31", "31 Dec 2026"]),
            pick(&["First day of the week", "Week starts on"], &["Monday", "Saturday", "Sunday"]),
            pick(&["Units", "Unit system"], &["Metric", "Imperial", "Automatic"]),
            flip(&["Open the keyboard when a page is shown", "Show the keyboard at the start"]),
            flip(&["Close the app when another one is started"]),
            flip(&["Open links inside the app", "Open links here"]),
            flip(&["24-hour time", "24-hour clock", "Use 24-hour format"]),
            flip(&["Keep screen on", "Prevent sleep", "Do not let the screen sleep"]),
            flip(&["Confirm before deleting", "Ask before deleting", "Delete confirmation"]),
            flip(&["Confirm exit", "Ask before closing"]),
            flip(&["Haptic feedback", "Touch feedback", "Vibrate on touch"]),
            flip(&["Show tips", "Tips"]),
            flip(&["Swipe between pages", "Swipe to change pages"]),
        ],
    },
    Group {
        names: &["Editor", "Editing", "Writing", "Text"],
        settings: &[
            flip(&["Put the cursor at the beginning of the text"]),
            flip(&["Tell me when something was saved", "Show a message after saving"]),
            flip(&["Correct common mistakes while typing"]),
            flip(&["Autosave", "Save automatically", "Save changes automatically"]),
            flip(&["Spell check", "Check spelling", "Spelling"]),
            flip(&["Word count", "Count words", "Show number of words"]),
            flip(&["Line numbers", "Show line numbers"]),
            flip(&["Wrap lines", "Line wrapping", "Word wrap"]),
            flip(&["Clickable links", "Make links clickable", "Open links"]),
            pick(&["Tab width", "Indent by"], &["2", "3", "4", "8"]),
            pick(&["Encoding", "Text encoding"], &["UTF-8", "UTF-16", "Latin-1", "ASCII"]),
            pick(&["Line spacing", "Space between lines"], &["1", "1.15", "1.5", "2"]),
            text(&["Signature", "Default signature"], &["Best wishes", "Sent from my phone", "Kind regards"]),
        ],
    },
    Group {
        names: &["Calls", "Calling", "Messages and calls", "Communication"],
        settings: &[
            flip(&["Ask before a call is started", "Confirm before calling"]),
            flip(&["Show incoming calls on the whole screen"]),
            flip(&["Turn the speaker on for every call"]),
            flip(&["Block unknown callers", "Block unknown numbers", "Reject unknown callers"]),
            flip(&["Show caller name", "Caller name", "Caller id"]),
            flip(&["Keypad tones", "Sounds of the keypad", "Dial tones"]),
            flip(&["Group calls", "Merge repeated calls"]),
            flip(&["Delivery reports", "Ask for delivery reports"]),
            flip(&["Send with enter", "Enter sends the message"]),
            pick(&["Voicemail greeting", "Greeting"], &["Standard", "Short", "Holiday", "None"]),
            pick(&["Swipe action", "When swiping right"], &["Call", "Archive", "Delete", "Reply", "Nothing"]),
            pick(&["Sort people by", "Order of names"], &["First name", "Last name", "Recently used"]),
            text(&["Quick reply", "Answer for missed calls"], &["Call you later", "In a meeting", "On my way"]),
        ],
    },
    Group {
        names: &["Search", "Browsing", "Web", "Search and web"],
        settings: &[
            pick(&["Search engine", "Default search"], SITES),
            flip(&["Open new pages in the background"]),
            flip(&["Forget what was searched for", "Do not keep searches"]),
            flip(&["Search suggestions", "Show suggestions"]),
            flip(&["Block pop-ups", "Pop-up blocker"]),
            flip(&["Block ads", "Ad blocker"]),
            flip(&["Desktop site", "Request desktop pages"]),
            flip(&["Search in contents", "Full text search"]),
            pick(&["Page zoom", "Zoom"], PERCENT),
            text(&["Home page", "Homepage"], &["news.example.org", "start.example.com", "weather.example.net"]),
        ],
    },
    Group {
        names: &["Goals", "Health", "Training", "Profile"],
        settings: &[
            pick(
                &["Daily goal", "Goal per day"],
                &["2000 steps", "5000 steps", "8000 steps", "10000 steps", "15000 steps"],
            ),
            pick(&["Weekly target", "Target per week"], COUNTS),
            flip(&["Stop counting when I sit in a car"]),
            flip(&["Say the distance after every kilometer"]),
            flip(&["Count stairs", "Track stairs"]),
            flip(&["Auto pause", "Pause automatically"]),
            flip(&["Voice coach", "Spoken feedback", "Voice feedback"]),
            pick(&["Activity", "Default activity"], &["Walking", "Running", "Cycling", "Rowing", "Swimming"]),
            text(&["Weight", "Body weight"], &["58", "64", "71", "80", "93"]),
            text(&["Name", "Your name", "Display name"], &["Robin", "Toni", "Kim", "Alexis", "Jo"]),
        ],
    },
];

/// How the things of a domain are called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    People,
    Titles,
    Files(&'static [&'static str]),
    /// By the time of day at which they happen.
    Times,
}

/// A kind of app.
pub(super) struct Domain {
    pub apps: &'static [&'static str],
    /// One of its things, and many.
    pub thing: (&'static str, &'static str),
    pub names: Names,
    /// Fields of a form, the first of which is the name.
    pub fields: &'static [&'static str],
    /// What a thing's page says.
    pub facts: &'static [&'static str],
    pub tabs: &'static [&'static str],
    pub actions: &'static [&'static str],
    /// The big button: what a person asks for, the button before and after.
    pub start: Option<(&'static [&'static str], &'static str, &'static str)>,
}

/// Actions on a thing that need no more than a press, and how else a person says them.
pub(super) const ACTIONS: &[(&str, &[&str])] = &[
    ("Delete", &["Delete", "Remove", "Erase", "Get rid of"]),
    ("Archive", &["Archive", "Put into the archive:", "Move to the archive:"]),
    ("Pin", &["Pin", "Pin to the top:"]),
    ("Add to favorites", &["Favorite", "Mark as favorite:", "Add to my favorites:", "Star"]),
    ("Duplicate", &["Duplicate", "Make a copy of", "Copy"]),
    ("Hide", &["Hide"]),
    ("Lock", &["Lock"]),
    ("Mute", &["Mute", "Silence"]),
    ("Print", &["Print", "Print out"]),
    ("Share", &["Share"]),
    ("Export", &["Export", "Export to a file:"]),
    ("Rotate", &["Rotate", "Turn"]),
    ("Mark as read", &["Mark as read:", "Set to read:"]),
    ("Download", &["Download", "Save on the phone:"]),
    ("Play", &["Play", "Start playing", "Listen to"]),
    ("Call", &["Call", "Phone", "Ring"]),
    ("Properties", &["Show the properties of", "Show details of", "Open the properties of"]),
    ("Add to playlist", &["Put in the playlist:", "Add to the playlist:"]),
    ("Create shortcut", &["Create a shortcut for", "Make a shortcut to"]),
    ("Use as wallpaper", &["Set as wallpaper:", "Use as wallpaper:"]),
    ("Report", &["Report"]),
    ("Complete", &["Mark as done:", "Complete", "Tick off"]),
];

const DOCUMENTS: &[&str] = &["pdf", "txt", "docx", "csv", "md"];
const SOUNDS: &[&str] = &["mp3", "wav", "m4a", "ogg"];
const PICTURES: &[&str] = &["jpg", "png", "mp4", "gif"];

pub(super) const DOMAINS: &[Domain] = &[
    Domain {
        apps: &["Notebook", "Jotter", "Memos", "Scribble", "Journal"],
        thing: ("note", "notes"),
        names: Names::Titles,
        fields: &["Title", "Text"],
        facts: &["Created on", "Changed on", "Size"],
        tabs: &["All", "Pinned", "Archive"],
        actions: &["Delete", "Archive", "Pin", "Duplicate", "Lock", "Print", "Share", "Export", "Create shortcut"],
        start: None,
    },
    Domain {
        apps: &["People", "Phone book", "Dial", "Address list", "Caller"],
        thing: ("contact", "contacts"),
        names: Names::People,
        fields: &["Name", "Phone", "Email", "Note"],
        facts: &["Phone", "Email", "Birthday (date)", "Company"],
        tabs: &["Contacts", "Recents", "Groups", "Starred"],
        actions: &["Delete", "Add to favorites", "Call", "Share", "Hide", "Mute", "Create shortcut"],
        start: None,
    },
    Domain {
        apps: &["Recorder", "Dictaphone", "Voice notes", "Sound studio"],
        thing: ("recording", "recordings"),
        names: Names::Files(SOUNDS),
        fields: &["Name", "Comment"],
        facts: &["Duration", "Recorded on (date)", "Size"],
        tabs: &["Record", "Library", "Bin"],
        actions: &["Delete", "Play", "Share", "Export", "Properties", "Duplicate"],
        start: Some((&["Start recording", "Record something", "Begin a recording"], "Record", "Stop")),
    },
    Domain {
        apps: &["Album", "Snapshots", "Picture box", "Photo wall"],
        thing: ("picture", "pictures"),
        names: Names::Files(PICTURES),
        fields: &["File name"],
        facts: &["Taken on (date)", "Size", "Camera"],
        tabs: &["All", "Albums", "Videos"],
        actions: &["Delete", "Add to favorites", "Hide", "Rotate", "Print", "Share", "Use as wallpaper", "Properties"],
        start: None,
    },
    Domain {
        apps: &["Lens", "Snap", "Shutter", "Cam"],
        thing: ("photo", "photos"),
        names: Names::Files(PICTURES),
        fields: &["File name"],
        facts: &["Size", "Taken on (date)"],
        tabs: &["Photo", "Video", "Portrait", "Night"],
        actions: &["Delete", "Share", "Rotate", "Add to favorites", "Properties"],
        start: Some((&["Take a photo", "Take a picture", "Shoot a photo"], "Shutter", "Last photo")),
    },
    Domain {
        apps: &["Tunes", "Jukebox", "Melody", "Audio box", "Sound player"],
        thing: ("song", "songs"),
        names: Names::Titles,
        fields: &["Playlist name"],
        facts: &["Artist", "Duration", "Album"],
        tabs: &["Songs", "Artists", "Albums", "Playlists"],
        actions: &["Play", "Add to favorites", "Add to playlist", "Share", "Delete", "Properties"],
        start: Some((&["Start the music", "Play some music", "Resume the music"], "Play", "Pause")),
    },
    Domain {
        apps: &["Errands", "To do", "Task list", "Chores"],
        thing: ("task", "tasks"),
        names: Names::Titles,
        fields: &["Task", "Due date", "Note"],
        facts: &["Due date", "Owner", "Note"],
        tabs: &["Today", "Upcoming", "Finished"],
        actions: &["Delete", "Complete", "Pin", "Duplicate", "Share", "Archive"],
        start: None,
    },
    Domain {
        apps: &["Planner", "Diary", "Schedule", "Week view"],
        thing: ("event", "events"),
        names: Names::Titles,
        fields: &["Title", "Place", "Time", "Guest"],
        facts: &["Date", "Time", "Place"],
        tabs: &["Day", "Week", "Month", "List"],
        actions: &["Delete", "Duplicate", "Share", "Export"],
        start: None,
    },
    Domain {
        apps: &["Browser", "Surf", "Net pages", "Explorer"],
        thing: ("bookmark", "bookmarks"),
        names: Names::Titles,
        fields: &["Name", "Website"],
        facts: &["Website", "Visited on (date)"],
        tabs: &["Bookmarks", "History", "Downloads"],
        actions: &["Delete", "Share", "Create shortcut", "Pin"],
        start: None,
    },
    Domain {
        apps: &["Inbox", "Mail", "Letters", "Post"],
        thing: ("email", "emails"),
        names: Names::Titles,
        fields: &["Email address", "Subject", "Message"],
        facts: &["From", "Date", "Size"],
        tabs: &["Inbox", "Sent", "Drafts", "Spam"],
        actions: &["Delete", "Archive", "Mark as read", "Mute", "Print", "Report"],
        start: None,
    },
    Domain {
        apps: &["Cookbook", "Kitchen", "Recipes", "Meals"],
        thing: ("recipe", "recipes"),
        names: Names::Titles,
        fields: &["Name", "Servings", "Duration", "Description"],
        facts: &["Servings", "Duration", "Author"],
        tabs: &["All", "Starred", "Shopping list"],
        actions: &["Delete", "Add to favorites", "Print", "Share", "Duplicate"],
        start: None,
    },
    Domain {
        apps: &["Documents", "Reader", "Paper", "File box", "Folders"],
        thing: ("document", "documents"),
        names: Names::Files(DOCUMENTS),
        fields: &["File name"],
        facts: &["Size", "Changed on (date)", "Pages"],
        tabs: &["Recent", "All files", "Shared", "Bin"],
        actions: &["Delete", "Print", "Share", "Duplicate", "Lock", "Properties", "Create shortcut", "Download"],
        start: None,
    },
    Domain {
        apps: &["Expenses", "Wallet", "Money", "Budget"],
        thing: ("expense", "expenses"),
        names: Names::Titles,
        fields: &["Description", "Amount", "Date"],
        facts: &["Amount", "Date", "Person"],
        tabs: &["Expenses", "Income", "Charts"],
        actions: &["Delete", "Duplicate", "Export"],
        start: None,
    },
    Domain {
        apps: &["Podcasts", "Radio", "Episodes", "Listen"],
        thing: ("podcast", "podcasts"),
        names: Names::Titles,
        fields: &["Website"],
        facts: &["Author", "Duration", "Date"],
        tabs: &["Subscribed", "New", "Queue"],
        actions: &["Play", "Download", "Mute", "Delete", "Share"],
        start: Some((&["Start playing", "Continue listening", "Play the latest episode"], "Play", "Pause")),
    },
    Domain {
        apps: &["Tracker", "Fitness", "Runs", "Move"],
        thing: ("workout", "workouts"),
        names: Names::Titles,
        fields: &["Name", "Distance", "Duration"],
        facts: &["Distance", "Duration", "Date"],
        tabs: &["Today", "History", "Statistics"],
        actions: &["Delete", "Share", "Export"],
        start: Some((&["Start a workout", "Begin training", "Start tracking"], "Start", "Finish")),
    },
    Domain {
        apps: &["Chat", "Talk", "Ping", "Courier"],
        thing: ("chat", "chats"),
        names: Names::People,
        fields: &["Who", "Message"],
        facts: &["Phone", "Last seen (time)"],
        tabs: &["Chats", "Calls", "Groups"],
        actions: &["Delete", "Mute", "Pin", "Archive", "Mark as read", "Export"],
        start: None,
    },
    Domain {
        apps: &["Timetable", "Departures", "Bus times", "Line map"],
        thing: ("departure", "departures"),
        names: Names::Times,
        fields: &["Line", "Platform", "Note"],
        facts: &["Duration", "Date"],
        tabs: &["Departures", "Arrivals", "Lines"],
        actions: &["Add to favorites", "Pin", "Share", "Hide", "Mute"],
        start: None,
    },
    Domain {
        apps: &["Pill box", "Medicine", "Doses", "Prescriptions"],
        thing: ("dose", "doses"),
        names: Names::Times,
        fields: &["Medicine", "Amount", "Note"],
        facts: &["Amount", "Note"],
        tabs: &["Today", "Week", "Stock"],
        actions: &["Delete", "Complete", "Duplicate", "Mute"],
        start: None,
    },
    Domain {
        apps: &["Sprinkler", "Irrigation", "Watering", "Garden tap"],
        thing: ("watering", "waterings"),
        names: Names::Times,
        fields: &["Name", "Duration"],
        facts: &["Duration"],
        tabs: &["Plan", "Zones", "Weather"],
        actions: &["Delete", "Duplicate", "Lock", "Export"],
        start: Some((&["Water now", "Start the water", "Open the tap"], "Water now", "Stop")),
    },
    Domain {
        apps: &["TV guide", "Channels", "Television", "Tonight"],
        thing: ("show", "shows"),
        names: Names::Times,
        fields: &["Title", "Channel"],
        facts: &["Duration", "Date"],
        tabs: &["Now", "Tonight", "Recorded"],
        actions: &["Play", "Add to favorites", "Download", "Share", "Hide"],
        start: None,
    },
];
