//! Shop: search, products, a cart, checkout with a payment to confirm.

use crate::{
    App, Context, Dialog, Icon, Manifest, Page, Seeder, TextStyle, ToggleStyle, ViewContext, Widget, vocabulary,
};

/// The shop.
#[derive(Debug)]
pub struct Shop {
    pub products: Vec<Product>,
    /// Product ids and how many of each, in the order in which they were added.
    pub cart: Vec<(u32, u32)>,
    /// Product ids.
    pub wishlist: Vec<u32>,
    /// What was paid for.
    pub orders: Vec<Order>,
    page: Vec<Place>,
    search: String,
    sort: Sort,
    shipping: Shipping,
    paying: bool,
}

/// Something that is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub id: u32,
    pub name: String,
    /// In cents.
    pub price: u32,
    /// Tenths of a star, 0 to 50.
    pub rating: u8,
    pub in_stock: bool,
}

/// An order that was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub items: Vec<(u32, u32)>,
    pub shipping: Shipping,
    /// In cents.
    pub total: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shipping {
    Standard,
    Express,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Search,
    Product(u32),
    Cart,
    Checkout,
    Wishlist,
    Orders,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Featured,
    Price,
    Rating,
}

#[derive(Debug, Clone)]
pub enum Message {
    Open(u32),
    Back,
    StartSearch,
    Search(String),
    SortByPrice,
    SortByRating,
    SortFeatured,
    ShowCart,
    ShowWishlist,
    ShowOrders,
    AddToCart(u32),
    More(u32),
    Fewer(u32),
    Remove(u32),
    Wish(u32),
    CheckOut,
    Ship(Shipping),
    AskPay,
    Pay,
    DoNotPay,
}

impl Shop {
    pub fn find(&self, name: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.name == name)
    }

    /// How many of a product are in the cart.
    pub fn in_cart(&self, id: u32) -> u32 {
        self.cart.iter().find(|(product, _)| *product == id).map_or(0, |(_, count)| *count)
    }

    fn product(&self, id: u32) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }

    fn total(&self) -> u32 {
        let shipping = match self.shipping {
            Shipping::Standard => 0,
            Shipping::Express => 900,
        };
        let items = self.cart.iter().filter_map(|(id, count)| Some(self.product(*id)?.price * count));
        items.sum::<u32>() + shipping
    }

    fn product_row(product: &Product) -> Widget<Message> {
        Widget::row(format!("product_{}", product.id), &product.name)
            .subtitle(format!("{} stars", stars(product.rating)))
            .icon(Icon::Product)
            .value(price(product.price))
            .on_press(Message::Open(product.id))
    }

    fn sorted(&self) -> Vec<&Product> {
        let mut products: Vec<&Product> = self.products.iter().collect();
        match self.sort {
            Sort::Featured => {}
            Sort::Price => products.sort_by_key(|product| (product.price, product.id)),
            Sort::Rating => products.sort_by_key(|product| (u8::MAX - product.rating, product.id)),
        }
        products
    }

    fn front(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let count: u32 = self.cart.iter().map(|(_, count)| count).sum();
        let cart = if count == 0 { cx.label("cart") } else { format!("{}, {count} items", cx.label("cart")) };
        let chip =
            |key: &str, sort: Sort, message| Widget::chip(key, cx.label(key), self.sort == sort).on_press(message);
        Page::new("shop", cx.label("shop"))
            .action(Widget::icon_button("search", cx.label("search"), Icon::Search).on_press(Message::StartSearch))
            .action(Widget::icon_button("cart", cart, Icon::Cart).on_press(Message::ShowCart))
            .menu_item(Widget::button("wishlist", cx.label("wishlist")).on_press(Message::ShowWishlist))
            .menu_item(Widget::button("orders", cx.label("orders")).on_press(Message::ShowOrders))
            .with(Widget::line(
                "sorting",
                vec![
                    chip("sort_featured", Sort::Featured, Message::SortFeatured),
                    chip("sort_price", Sort::Price, Message::SortByPrice),
                    chip("sort_rating", Sort::Rating, Message::SortByRating),
                ],
            ))
            .with_all(self.sorted().into_iter().map(Self::product_row))
    }

    fn found(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let wanted = self.search.trim().to_lowercase();
        let hits: Vec<Widget<Message>> = self
            .sorted()
            .into_iter()
            .filter(|product| !wanted.is_empty() && product.name.to_lowercase().contains(&wanted))
            .map(Self::product_row)
            .collect();
        let nothing = (hits.is_empty() && !wanted.is_empty()).then(|| Widget::text("nothing", "No products found"));
        Page::search(cx, &self.search, Message::Back, Message::Search).with_all(hits).with_all(nothing)
    }

    fn product_page(&self, product: &Product, cx: &ViewContext<'_>) -> Page<Message> {
        let id = product.id;
        let (heart, label) =
            if self.wishlist.contains(&id) { (Icon::FavoriteFilled, "unwish") } else { (Icon::Favorite, "wish") };
        Page::new(format!("product_{id}"), &product.name)
            .up(Message::Back)
            .action(Widget::icon_button("wish", cx.label(label), heart).on_press(Message::Wish(id)))
            .action(Widget::icon_button("cart", cx.label("cart"), Icon::Cart).on_press(Message::ShowCart))
            .with(Widget::image("picture", "", Icon::Product))
            .with(Widget::text("price", price(product.price)).style(TextStyle::Title))
            .with(Widget::text("rating", format!("{} stars", stars(product.rating))))
            .with(Widget::text("stock", if product.in_stock { "In stock" } else { "Out of stock" }))
            .with(
                Widget::button("add_to_cart", cx.label("add_to_cart"))
                    .enabled(product.in_stock)
                    .on_press(Message::AddToCart(id)),
            )
    }

    fn cart_page(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let rows = self.cart.iter().filter_map(|(id, count)| {
            let product = self.product(*id)?;
            let button = |key: &str, word: &str, icon, message| {
                Widget::icon_button(format!("{key}_{id}"), format!("{word} {}", product.name), icon).on_press(message)
            };
            let buttons = vec![
                button("fewer", "Fewer", Icon::Minus, Message::Fewer(*id)),
                button("more", "More", Icon::Add, Message::More(*id)),
                button("remove", "Remove", Icon::Delete, Message::Remove(*id)),
            ];
            let row = Widget::row(format!("item_{id}"), &product.name)
                .subtitle(format!("{count} × {}", price(product.price)));
            Some(row.trailing(buttons).on_press(Message::Open(*id)))
        });
        let empty = self.cart.is_empty();
        Page::new("cart", cx.label("cart"))
            .up(Message::Back)
            .with_all(rows)
            .with_all(empty.then(|| Widget::text("empty", "Your cart is empty")))
            .with_all(
                (!empty).then(|| {
                    Widget::text("subtotal", format!("Total: {}", price(self.total()))).style(TextStyle::Title)
                }),
            )
            .with(Widget::button("checkout", cx.label("checkout")).enabled(!empty).on_press(Message::CheckOut))
    }

    fn checkout(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let choice = |key: &str, cost: &str, shipping| {
            Widget::row(key, cx.label(key))
                .subtitle(cost)
                .toggle(ToggleStyle::Radio, self.shipping == shipping)
                .on_press(Message::Ship(shipping))
        };
        let dialog = self.paying.then(|| {
            Dialog::new("pay_dialog", cx.label("confirm_title"))
                .body(format!("Your card will be charged {}", price(self.total())))
                .button(Widget::button("cancel_payment", cx.label("cancel_payment")).on_press(Message::DoNotPay))
                .button(Widget::button("confirm_payment", cx.label("confirm_payment")).on_press(Message::Pay))
                .on_dismiss(Message::DoNotPay)
        });
        Page::new("checkout", cx.label("checkout"))
            .up(Message::Back)
            .with(Widget::heading("shipping", cx.label("shipping")))
            .with(choice("standard", "Free, 3 to 5 days", Shipping::Standard))
            .with(choice("express", "$9.00, tomorrow", Shipping::Express))
            .with(Widget::text("card", "Card ending in 4242"))
            .with(Widget::text("total", format!("Total: {}", price(self.total()))).style(TextStyle::Title))
            .with(Widget::button("pay", cx.label("pay")).on_press(Message::AskPay))
            .dialog(dialog)
    }

    fn wishes(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let rows: Vec<Widget<Message>> =
            self.wishlist.iter().filter_map(|id| self.product(*id)).map(Self::product_row).collect();
        let empty = rows.is_empty().then(|| Widget::text("empty", "Nothing on your wish list"));
        Page::new("wishlist", cx.label("wishlist")).up(Message::Back).with_all(rows).with_all(empty)
    }

    fn past_orders(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let rows = self.orders.iter().enumerate().map(|(index, order)| {
            let names: Vec<&str> = order
                .items
                .iter()
                .filter_map(|(id, _)| self.product(*id))
                .map(|product| product.name.as_str())
                .collect();
            Widget::row(format!("order_{}", index + 1), names.join(" and "))
                .value(price(order.total))
                .icon(Icon::Product)
        });
        let empty = self.orders.is_empty().then(|| Widget::text("empty", "No orders yet"));
        Page::new("orders", cx.label("orders")).up(Message::Back).with_all(rows).with_all(empty)
    }

    fn pay(&mut self, cx: &mut Context<'_, Message>) {
        let total = self.total();
        self.orders.push(Order { items: std::mem::take(&mut self.cart), shipping: self.shipping, total });
        (self.paying, self.shipping) = (false, Shipping::Standard);
        self.page = vec![Place::Orders];
        cx.toast("Order placed");
        cx.notify("Order placed", format!("You paid {}", price(total)), None);
    }

    fn change_count(&mut self, id: u32, change: impl FnOnce(u32) -> u32) {
        if let Some((_, count)) = self.cart.iter_mut().find(|(product, _)| *product == id) {
            *count = change(*count).min(99);
        }
        self.cart.retain(|(_, count)| *count > 0);
    }
}

/// `$12.50`
pub fn price(cents: u32) -> String {
    format!("${}.{:02}", cents / 100, cents % 100)
}

fn stars(tenths: u8) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

impl App for Shop {
    type Message = Message;

    fn manifest() -> Manifest {
        Manifest {
            key: "shop",
            names: &["Shop", "Store", "Market"],
            icon: Icon::Shop,
            labels: &[
                ("shop", &["Shop", "Store", "All products"]),
                ("search", &["Search", "Search products", "Find"]),
                ("search_field", &["Search products", "What are you looking for?"]),
                ("cart", &["Cart", "Basket", "Shopping cart"]),
                ("wishlist", &["Wish list", "Saved items", "Favorites"]),
                ("orders", &["Orders", "My orders", "Order history"]),
                ("sort_featured", &["Featured", "Recommended"]),
                ("sort_price", &["Price", "Cheapest"]),
                ("sort_rating", &["Rating", "Best rated"]),
                ("wish", &["Add to wish list", "Save for later"]),
                ("unwish", &["Remove from wish list", "Unsave"]),
                ("add_to_cart", &["Add to cart", "Add to basket", "Put in cart"]),
                ("checkout", &["Checkout", "Check out", "Proceed to checkout"]),
                ("shipping", &["Shipping", "Delivery"]),
                ("standard", &["Standard", "Standard shipping"]),
                ("express", &["Express", "Express shipping"]),
                ("pay", &["Pay now", "Place order", "Buy now"]),
                ("confirm_title", &["Confirm payment", "Pay now?"]),
                ("confirm_payment", &["Pay", "Confirm", "Yes, pay"]),
                ("cancel_payment", &["Cancel", "Not now"]),
            ],
            ..Manifest::DEFAULT
        }
    }

    fn new(seeder: &mut Seeder) -> Self {
        let nouns = seeder.strings(vocabulary::PRODUCTS, 18);
        let products: Vec<Product> = (1..)
            .zip(nouns)
            .map(|(id, noun)| Product {
                id,
                name: format!("{} {noun}", seeder.pick(vocabulary::PRODUCT_ADJECTIVES)),
                price: seeder.number(5..=199) as u32 * 100 + seeder.pick(&[0, 49, 50, 95, 99]),
                rating: seeder.number(28..=50) as u8,
                in_stock: seeder.chance(0.9),
            })
            .collect();
        let wishlist = seeder.some(&products, 2).iter().map(|product| product.id).collect();
        Self {
            products,
            cart: Vec::new(),
            wishlist,
            orders: Vec::new(),
            page: Vec::new(),
            search: String::new(),
            sort: Sort::Featured,
            shipping: Shipping::Standard,
            paying: false,
        }
    }

    fn view(&self, cx: &ViewContext<'_>) -> Page<Message> {
        match self.page.last() {
            None => self.front(cx),
            Some(Place::Search) => self.found(cx),
            Some(Place::Product(id)) => match self.product(*id) {
                Some(product) => self.product_page(product, cx),
                None => self.front(cx),
            },
            Some(Place::Cart) => self.cart_page(cx),
            Some(Place::Checkout) => self.checkout(cx),
            Some(Place::Wishlist) => self.wishes(cx),
            Some(Place::Orders) => self.past_orders(cx),
        }
    }

    fn update(&mut self, message: Message, cx: &mut Context<'_, Message>) {
        match message {
            Message::Open(id) => self.page.push(Place::Product(id)),
            Message::Back => {
                self.back();
            }
            Message::StartSearch => {
                self.search.clear();
                self.page.push(Place::Search);
            }
            Message::Search(text) => self.search = text,
            Message::SortFeatured => self.sort = Sort::Featured,
            Message::SortByPrice => self.sort = Sort::Price,
            Message::SortByRating => self.sort = Sort::Rating,
            Message::ShowCart => self.page.push(Place::Cart),
            Message::ShowWishlist => self.page.push(Place::Wishlist),
            Message::ShowOrders => self.page.push(Place::Orders),
            Message::AddToCart(id) => {
                if self.in_cart(id) == 0 {
                    self.cart.push((id, 1));
                } else {
                    self.change_count(id, |count| count + 1);
                }
                cx.toast("Added to cart");
            }
            Message::More(id) => self.change_count(id, |count| count + 1),
            Message::Fewer(id) => self.change_count(id, |count| count.saturating_sub(1)),
            Message::Remove(id) => self.change_count(id, |_| 0),
            Message::Wish(id) => {
                if self.wishlist.contains(&id) {
                    self.wishlist.retain(|wished| *wished != id);
                } else {
                    self.wishlist.push(id);
                }
            }
            Message::CheckOut => self.page.push(Place::Checkout),
            Message::Ship(shipping) => self.shipping = shipping,
            Message::AskPay => self.paying = !self.cart.is_empty(),
            Message::DoNotPay => self.paying = false,
            Message::Pay => self.pay(cx),
        }
    }

    fn back(&mut self) -> bool {
        self.paying = false;
        self.page.pop().is_some()
    }
}
