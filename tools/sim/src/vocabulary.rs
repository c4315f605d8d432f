//! The words that seeds draw a phone's data from.

/// Given names.
#[rustfmt::skip]
pub const FIRST_NAMES: &[&str] = &[
    "Alice", "Bob", "Carol", "David", "Emma", "Frank", "Grace", "Henry", "Isabel", "Jack", "Karen", "Liam",
    "Mia", "Noah", "Olivia", "Paul", "Quinn", "Rachel", "Sam", "Tom", "Uma", "Victor", "Wendy", "Xavier",
    "Yara", "Zoe", "Anna", "Ben", "Clara", "Daniel", "Elena", "Felix", "George", "Hannah", "Ivan", "Julia",
    "Kevin", "Laura", "Maria", "Nina", "Oscar", "Peter", "Rosa", "Simon", "Tina", "Ursula", "Vera", "Walter",
    "Lena", "Max", "Leo", "Amy", "John", "Mary", "James", "Sarah", "Michael", "Lisa", "Mark", "Susan", "Robert",
    "Linda", "Chris", "Nora", "Omar", "Priya", "Ravi", "Sofia", "Yuki", "Chen", "Ali", "Fatima", "Ahmed",
    "Aisha", "Alex", "Amara", "Andre", "Arthur", "Astrid", "Aurora", "Beatrice", "Bruno", "Camila", "Cedric",
    "Chiara", "Dana", "Deepak", "Diego", "Dina", "Edgar", "Eleanor", "Emil", "Erik", "Esther", "Eva", "Fabian",
    "Fiona", "Florian", "Freya", "Gabriel", "Gloria", "Gustav", "Hana", "Harold", "Hugo", "Ibrahim", "Ida",
    "Ines", "Ingrid", "Iris", "Jasper", "Jonas", "Josephine", "Kai", "Kamal", "Katya", "Keiko", "Lars", "Leila",
    "Luca", "Lucia", "Magnus", "Marco", "Marta", "Mateo", "Mei", "Milan", "Mira", "Nadia", "Naomi", "Niko",
    "Olga", "Pablo", "Petra", "Rafael", "Ramona", "Rita", "Roman", "Ruth", "Sanjay", "Selma", "Silas", "Stella",
    "Sven", "Tamara", "Tariq", "Theo", "Tobias", "Valentina", "Viktor", "Wanda", "Yasmin", "Yusuf", "Zara",
];

/// Family names.
#[rustfmt::skip]
pub const LAST_NAMES: &[&str] = &[
    "Smith", "Jones", "Brown", "Taylor", "Wilson", "Davis", "Clark", "Lewis", "Walker", "Hall", "Young", "King",
    "Wright", "Scott", "Green", "Baker", "Adams", "Nelson", "Hill", "Campbell", "Mitchell", "Roberts", "Carter",
    "Phillips", "Evans", "Turner", "Parker", "Collins", "Edwards", "Stewart", "Morris", "Rogers", "Reed",
    "Cook", "Morgan", "Bell", "Murphy", "Bailey", "Cooper", "Richardson", "Cox", "Howard", "Ward", "Peterson",
    "Gray", "Watson", "Brooks", "Kelly", "Sanders", "Price", "Bennett", "Wood", "Barnes", "Ross", "Henderson",
    "Coleman", "Jenkins", "Perry", "Powell", "Long", "Patterson", "Hughes", "Flores", "Garcia", "Martinez",
    "Lopez", "Gonzalez", "Rodriguez", "Miller", "Moore", "Martin", "Lee", "White", "Harris", "Thompson",
    "Weber", "Fischer", "Schmidt", "Abbott", "Almeida", "Andersen", "Bauer", "Becker", "Berg", "Bianchi",
    "Blum", "Castillo", "Chan", "Costa", "Cruz", "Dahl", "Diaz", "Dubois", "Eriksen", "Farrell", "Fernandez",
    "Fontana", "Franke", "Fujita", "Gallo", "Gupta", "Haas", "Hansen", "Hoffman", "Holm", "Ibarra", "Ito",
    "Jensen", "Kaya", "Keller", "Khan", "Kim", "Klein", "Kowalski", "Kumar", "Lang", "Larsen", "Lind",
    "Lombardi", "Maier", "Marino", "Mehta", "Meyer", "Moretti", "Mueller", "Nakamura", "Navarro", "Nguyen",
    "Novak", "Olsen", "Ortega", "Park", "Patel", "Pereira", "Petrov", "Popov", "Ramos", "Ricci", "Rossi",
    "Ruiz", "Santos", "Sato", "Schulz", "Sharma", "Silva", "Singh", "Sokolov", "Sousa", "Suzuki", "Tanaka",
    "Torres", "Vega", "Vogel", "Wagner", "Wang", "Winter", "Wolf", "Yamamoto", "Yilmaz", "Zhang", "Zimmer",
];

/// Companies of contacts.
#[rustfmt::skip]
pub const COMPANIES: &[&str] = &[
    "Acme", "Northwind", "Globex", "Initech", "Umbra", "Blue Harbor", "Greenfield", "Stellar", "Pinewood",
    "Redstone", "Silverline", "Brightside", "Hillcrest", "Oakridge", "Summit", "Lakeside", "Evergreen",
    "Nimbus", "Quantum", "Atlas",
];

/// Cities.
#[rustfmt::skip]
pub const CITIES: &[&str] = &[
    "London", "Paris", "Berlin", "Madrid", "Rome", "Tokyo", "New York", "Lisbon", "Vienna", "Prague", "Oslo",
    "Dublin", "Athens", "Cairo", "Delhi", "Sydney", "Toronto", "Boston", "Chicago", "Denver", "Seattle",
    "Austin", "Dallas", "Miami", "Zurich", "Helsinki", "Warsaw", "Budapest", "Stockholm", "Copenhagen",
    "Brussels", "Istanbul", "Dubai", "Mumbai", "Bangkok", "Singapore", "Seoul", "Beijing", "Sao Paulo", "Lima",
];

/// Streets.
#[rustfmt::skip]
pub const STREETS: &[&str] = &[
    "Oak Street", "Maple Avenue", "High Street", "Park Road", "Mill Lane", "Church Street", "Station Road", "Elm Drive", "Cedar Court", "River Road", "Hill Street", "Lake View", "Garden Street", "King Street", "Queen Avenue", "Bridge Road", "Market Square", "Forest Lane", "Meadow Way", "Harbour Street", "School Lane",
    "Sunset Boulevard", "Birch Path", "Valley Road",
];

/// What products are called before their noun.
#[rustfmt::skip]
pub const PRODUCT_ADJECTIVES: &[&str] = &[
    "Wireless", "Portable", "Leather", "Wooden", "Steel", "Ceramic", "Cotton", "Wool", "Silver", "Golden",
    "Classic", "Compact", "Mini", "Ultra", "Smart", "Travel", "Soft", "Warm", "Vintage", "Modern", "Foldable",
    "Waterproof", "Bamboo", "Striped", "Heavy",
];

/// Things a shop sells.
#[rustfmt::skip]
pub const PRODUCTS: &[&str] = &[
    "Headphones", "Headset", "Speaker", "Charger", "Lamp", "Chair", "Desk", "Table", "Mug", "Bottle",
    "Backpack", "Jacket", "Shirt", "Shoes", "Sneakers", "Socks", "Hat", "Gloves", "Scarf", "Watch", "Camera",
    "Tripod", "Keyboard", "Mouse", "Monitor", "Tablet", "Phone Case", "Stand", "Kettle", "Toaster", "Blender",
    "Frying Pan", "Knife Set", "Pillow", "Blanket", "Towel", "Notebook", "Pen Set", "Puzzle", "Board Game",
    "Football", "Helmet", "Tent", "Lantern", "Umbrella", "Wallet", "Sunglasses", "Yoga Mat", "Water Bottle",
    "Coffee Maker", "Tea Set", "Cutting Board", "Bookshelf", "Desk Fan", "Wall Clock", "Picture Frame",
    "Candle", "Plant Pot", "Garden Hose", "Toolbox", "Screwdriver Set", "Flashlight", "Power Bank", "USB Cable",
    "Memory Card", "Printer", "Router", "Microphone", "Guitar", "Ukulele", "Sleeping Bag", "Hiking Boots",
    "Running Shorts", "Rain Coat", "Belt", "Handbag", "Suitcase", "Travel Pillow", "Lunch Box", "Thermos",
    "Rug", "Curtains", "Mirror", "Vase", "Teapot", "Bath Mat", "Soap Dish", "Hair Dryer", "Razor", "Toothbrush",
    "Scale", "Dumbbells", "Jump Rope", "Skateboard", "Bike Light", "Dog Leash", "Cat Toy", "Bird Feeder",
];

/// Titles of calendar events.
#[rustfmt::skip]
pub const EVENTS: &[&str] = &[
    "Team meeting", "Dentist appointment", "Doctor visit", "Lunch with Anna", "Project review", "Gym class",
    "Piano lesson", "Birthday party", "Parent evening", "Yoga", "Haircut", "Interview", "Standup", "Planning session", "Coffee with Tom", "Dinner reservation", "Flight to Berlin", "Train to Paris", "Concert",
    "Wedding", "Movie night", "Book club", "Football match", "Swimming lesson", "Car service", "Vet appointment", "House viewing", "Budget review", "Design workshop", "Product demo", "Client call", "Training day", "Quarterly report", "Tax deadline", "School play", "Volunteer shift", "Choir practice", "Language course", "Board meeting", "Retrospective", "Office party", "Museum visit", "Picnic", "Hiking trip", "Grocery run", "Plumber visit", "Physiotherapy", "Eye test", "Blood test", "Moving day", "Game night", "Barbecue",
    "Photo shoot", "Theatre", "Chess club", "Garden day", "Charity run", "Bike repair", "Cooking class", "Video call with Mom", "Salary talk", "Team lunch", "Farewell drinks",
];

/// Titles of notes.
#[rustfmt::skip]
pub const NOTES: &[&str] = &[
    "Shopping list", "Packing list", "Book ideas", "Pasta recipe", "Gift ideas", "Meeting notes", "Weekend plan", "Garden plan", "Movies to watch", "Budget", "Workout plan", "Travel plan", "Passwords hint",
    "Quotes", "Car maintenance", "House rules", "Party planning", "Reading list", "Lecture notes", "Project ideas", "Wedding plans", "Job search", "Poem draft", "Bread recipe", "Cleaning schedule", "Bucket list",
    "Learning goals", "Dream journal", "Measurements", "Restaurant tips", "Birthday dates", "Paint colours",
    "Camping gear", "Moving checklist", "Blog draft", "Interview questions", "Song lyrics", "Medication", "Plant care", "Wi-Fi notes", "Museum list", "Vocabulary", "Soup recipe", "Christmas presents", "Home repairs",
    "Podcast list", "Feedback", "Speech draft", "Bike tour", "Savings goals",
];

/// What people write.
#[rustfmt::skip]
pub const MESSAGES: &[&str] = &[
    "See you tomorrow", "On my way", "Running late", "Thanks a lot", "Where are you", "Lunch at noon?", "Call me when you can", "Happy birthday!", "I am at the station", "Can we move the meeting", "Dinner is ready", "Good night", "Great job today", "I will bring the cake", "Please send the report", "The package arrived", "What time is the concert", "Sounds good", "Let me know", "I lost my keys", "Could you pick up some milk", "The kids are asleep", "We won the game", "Sorry for the delay", "Do you need anything", "The train is late",
    "See you at the gym", "Here is the address", "Got it", "No problem", "I am home", "Have a nice weekend",
    "The code is on the desk", "Meet me at the cafe", "How was your trip", "Talk to you soon", "I sent the photos", "Congratulations", "Are you free on Friday", "The doctor called", "Remember the tickets", "My phone was off", "Nice to meet you", "Is the shop open", "I fixed the printer", "Bring a jacket", "The movie starts at eight", "Check your email", "I found it", "Say hello to your sister",
];

/// What stands on shopping lists.
#[rustfmt::skip]
pub const ITEMS: &[&str] = &[
    "Milk", "Bread", "Eggs", "Butter", "Cheese", "Apples", "Bananas", "Coffee", "Tea", "Rice", "Pasta",
    "Tomatoes", "Onions", "Chicken", "Fish", "Sugar", "Salt", "Flour", "Juice", "Soap", "Carrots", "Yogurt",
    "Honey", "Olive oil", "Garlic", "Potatoes", "Spinach", "Lemons", "Oats", "Chocolate", "Pepper", "Beans",
    "Lentils", "Mushrooms", "Grapes", "Pears", "Cucumber", "Toothpaste", "Batteries", "Napkins",
];

/// Names of files, without endings.
#[rustfmt::skip]
pub const FILE_NAMES: &[&str] = &[
    "report", "invoice", "contract", "resume", "letter", "backup", "presentation", "budget", "scan", "ticket",
    "manual", "holiday", "beach", "sunset", "family", "birthday", "screenshot", "recording", "interview",
    "lecture", "song", "podcast", "trailer", "slides", "draft", "summary", "receipt", "warranty", "passport",
    "certificate", "map", "menu", "schedule", "minutes", "proposal", "survey", "results", "data", "thesis",
    "chapter", "notes", "logo", "poster", "flyer", "blueprint", "recipe", "plan", "agenda", "photo", "portrait",
];

/// Names of Wi-Fi networks.
#[rustfmt::skip]
pub const NETWORKS: &[&str] = &[
    "HomeNet", "CoffeeHouse", "Guest", "Office", "Airport Free", "FRITZ 7590", "Linksys", "NETGEAR42",
    "Skyline", "Blue Box", "Family Wi-Fi", "Library", "Hotel Lobby", "TP-Link 5G", "Vodafone-A1", "Penthouse",
    "Train Wi-Fi", "Starlight", "Router 12", "Galaxy Hotspot", "Campus", "Bakery Corner", "Garage", "Loft 9",
];

/// Names of Bluetooth devices.
#[rustfmt::skip]
pub const BLUETOOTH_DEVICES: &[&str] = &[
    "Headphones", "Car Audio", "Kitchen Speaker", "Smart Watch", "Keyboard K3", "Living Room TV", "Fitness Band", "Game Controller", "Printer", "Hearing Aid", "Tablet Pen", "Bike Computer",
];

/// Names of ringtones.
#[rustfmt::skip]
pub const RINGTONES: &[&str] = &[
    "Aurora", "Beacon", "Chimes", "Dawn", "Echo", "Fireflies", "Galaxy", "Horizon", "Island", "Jingle", "Kite",
    "Lagoon", "Marimba", "Nightfall", "Orbit", "Pebbles",
];

/// Words of phone screens in lower case, for labels that mean nothing.
#[rustfmt::skip]
pub const WORDS: &[&str] = &[
    "about", "accessibility", "account", "accounts", "action", "adams", "adaptive", "added", "address",
    "afternoon", "agenda", "ahmed", "airplane", "alarm", "alarms", "ali", "alice", "all", "always", "amy",
    "android", "anna", "answer", "app", "appearance", "apples", "appointment", "apps", "apr", "april",
    "archive", "archived", "are", "arrive", "athens", "attach", "attachment", "audio", "aug", "august", "aunt",
    "austin", "auto", "available", "back", "backpack", "backup", "bailey", "baker", "ball", "bananas", "bar",
    "barnes", "basket", "battery", "bedtime", "bell", "ben", "bennett", "berlin", "bike", "birthday", "black",
    "blanket", "blender", "blue", "bluetooth", "bob", "body", "books", "boosted", "boss", "boston", "bottle",
    "bottom", "box", "bread", "breakfast", "bright", "brightness", "brooks", "brother", "brown", "budget",
    "build", "busy", "butter", "button", "buy", "cable", "cairo", "calendar", "call", "calls", "camera",
    "campbell", "cancelled", "card", "carol", "cart", "carter", "case", "cash", "categories", "category",
    "cellular", "center", "ceramic", "chair", "changed", "charged", "charger", "charging", "chat", "chats",
    "checklist", "checkout", "cheese", "chen", "chicago", "chicken", "chinese", "chris", "city", "clara",
    "clark", "class", "classic", "clear", "clock", "close", "coffee", "coleman", "collapse", "colleague",
    "collins", "color", "colors", "colour", "compact", "company", "complete", "compose", "concert", "confirm",
    "connected", "connection", "contact", "contacts", "content", "contract", "conversation", "conversations",
    "cook", "cool", "cooper", "copied", "cotton", "coupon", "cox", "created", "credit", "csv", "customer",
    "dad", "daily", "dallas", "daniel", "dark", "data", "date", "david", "davis", "day", "deadline", "deal",
    "debit", "dec", "december", "default", "delete", "deleted", "delhi", "delivered", "delivery", "demo",
    "denied", "dentist", "denver", "description", "desk", "details", "deutsch", "device", "diary", "did",
    "digital", "dinner", "direction", "disconnected", "discount", "dismiss", "display", "disturb", "dnd", "dns",
    "doctor", "document", "documents", "docx", "does", "done", "double", "down", "download", "downloads",
    "draft", "drafts", "drawer", "dublin", "duration", "dutch", "edwards", "eggs", "eight", "electrician",
    "elena", "eleven", "email", "emergency", "emma", "emoji", "empty", "end", "ends", "english", "enter",
    "error", "evans", "evening", "event", "events", "every", "expand", "failed", "family", "fatima",
    "favorites", "feb", "february", "felix", "field", "fifteen", "fifth", "fifty", "file", "files", "first",
    "fischer", "fish", "five", "flight", "flores", "flour", "folder", "folders", "font", "footer", "force",
    "forty", "found", "four", "fourth", "frank", "free", "french", "fri", "friday", "friend", "full", "game",
    "garcia", "george", "german", "gloves", "goal", "golden", "gonzalez", "good", "google", "grace", "grandma",
    "grant", "granted", "gray", "great", "green", "grey", "group", "guests", "gym", "haircut", "hall", "hannah",
    "happy", "haptic", "harris", "has", "hat", "have", "header", "headphones", "headset", "health", "hello",
    "helmet", "henderson", "henry", "here", "hey", "hill", "home", "hotspot", "hour", "hours", "how", "howard",
    "hughes", "hundred", "idea", "ideas", "image", "images", "inbox", "incoming", "infeasible", "info",
    "information", "input", "internal", "internet", "interview", "invite", "invoice", "isabel", "italian",
    "italiano", "item", "items", "ivan", "jack", "jacket", "james", "jan", "january", "japanese", "jenkins",
    "john", "jones", "journal", "jpg", "juice", "jul", "julia", "july", "jun", "june", "karen", "kelly",
    "kettle", "kevin", "keyboard", "king", "knife", "know", "korean", "label", "lamp", "landlord", "language",
    "languages", "lantern", "lap", "laps", "laptop", "large", "largest", "last", "late", "later", "launcher",
    "laura", "leather", "lee", "left", "legal", "lena", "leo", "lesson", "let", "letter", "level", "lewis",
    "liam", "light", "linda", "lisa", "lisbon", "list", "loading", "location", "london", "long", "lopez",
    "loud", "love", "low", "lunch", "mac", "madrid", "mail", "manager", "manual", "many", "mar", "march",
    "maria", "mark", "martin", "martinez", "mary", "max", "may", "maybe", "media", "medium", "meet", "meeting",
    "menu", "message", "messages", "mia", "miami", "michael", "microphone", "midnight", "milk", "miller",
    "mini", "minute", "minutes", "miss", "missed", "mitchell", "mobile", "mode", "model", "modified", "mom",
    "mon", "monday", "monitor", "month", "monthly", "moore", "more", "morgan", "morning", "morris", "mouse",
    "movies", "much", "mug", "murphy", "music", "name", "natural", "navigate", "neighbor", "nelson", "network",
    "never", "nickname", "night", "nina", "nine", "noah", "noon", "nora", "note", "notebook", "notes",
    "nothing", "notification", "notifications", "nov", "november", "number", "oct", "october", "office",
    "olivia", "omar", "once", "one", "onions", "open", "options", "orange", "order", "orders", "oscar", "oslo",
    "outgoing", "packing", "page", "pan", "parental", "paris", "parker", "party", "password", "passwords",
    "pasta", "patterson", "paul", "pay", "payment", "pdf", "pen", "pencil", "percent", "percentage",
    "permission", "permissions", "perry", "personal", "peter", "peterson", "phillips", "phone", "photo",
    "photos", "picture", "pillow", "pink", "pinned", "place", "plumber", "png", "polish", "portable",
    "portuguese", "powell", "power", "prague", "presentation", "press", "price", "privacy", "private", "priya",
    "pro", "product", "products", "project", "properties", "proxy", "purple", "puzzle", "quantity", "quiet",
    "quinn", "quotes", "rachel", "rate", "rating", "ravi", "ready", "reason", "recent", "recipe", "recipes",
    "recipient", "red", "reed", "refresh", "refused", "region", "remaining", "reminder", "reminders", "remove",
    "removed", "repeat", "reply", "report", "resolution", "result", "results", "resume", "retry", "return",
    "review", "reviews", "rice", "richardson", "right", "ring", "ringtone", "roaming", "robert", "roberts",
    "rodriguez", "rogers", "rome", "rosa", "ross", "rotate", "rotation", "row", "running", "safety", "sale",
    "salt", "sam", "sanders", "sarah", "sat", "saturday", "saved", "saver", "scan", "scarf", "schmidt",
    "school", "scott", "screen", "screensaver", "scroll", "seattle", "second", "seconds", "section", "secured",
    "security", "see", "sent", "sep", "september", "serial", "service", "settings", "seven", "shipping",
    "shirt", "shoes", "shop", "shopping", "signal", "silent", "silver", "sim", "simon", "sister", "six", "size",
    "sleep", "small", "smart", "smith", "sms", "sneakers", "snooze", "soap", "socks", "sofia", "soft", "sold",
    "soon", "sorry", "sort", "sound", "sounds", "spanish", "speaker", "specifications", "spreadsheet", "stand",
    "standup", "stars", "start", "started", "starts", "state", "status", "steel", "steps", "stewart", "stock",
    "stopped", "stopwatch", "storage", "store", "street", "submit", "subtotal", "success", "sugar", "sun",
    "sunday", "sunglasses", "support", "sure", "susan", "swipe", "sydney", "sync", "system", "tab", "table",
    "tablet", "tag", "tags", "tap", "taylor", "tea", "team", "ten", "tent", "tethering", "text", "thank",
    "thanks", "theme", "there", "third", "thirty", "thompson", "thread", "three", "thu", "thursday", "ticket",
    "time", "timeout", "timer", "tina", "title", "toaster", "today", "todo", "tokyo", "tom", "tomatoes",
    "tomorrow", "tone", "tonight", "top", "toronto", "total", "towel", "training", "trash", "travel", "trip",
    "tripod", "tue", "tuesday", "turkish", "turned", "turner", "twelve", "twenty", "two", "txt", "type",
    "ultra", "uma", "umbrella", "uncle", "undo", "uninstall", "unread", "unreadable", "updated", "ursula",
    "usage", "used", "value", "vera", "version", "vibrate", "vibration", "victor", "video", "videos", "vienna",
    "vivid", "voice", "volume", "vpn", "wait", "walker", "wallet", "wallpaper", "walter", "ward", "warm",
    "warning", "watch", "water", "watson", "way", "weber", "website", "wed", "wedding", "wednesday", "week",
    "weekdays", "weekend", "weekly", "wellbeing", "wendy", "what", "when", "where", "whether", "which", "white",
    "who", "whose", "why", "wifi", "wilson", "wireless", "wishlist", "wlan", "wood", "wooden", "wool", "words",
    "work", "workshop", "world", "wright", "written", "xavier", "xlsx", "yara", "year", "yearly", "yellow",
    "yes", "yesterday", "yoga", "york", "you", "young", "yuki", "zero", "zip", "zoe",
];
