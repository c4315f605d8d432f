//! Tasks that begin in Shop.

use deftly_sim::SimPhone;
use deftly_sim::apps::messages::Messages;
use deftly_sim::apps::shop::{Product, Shipping, Shop, price};

use super::{Difficulty, Kind, Plan, Task, TaskBuilder, TaskTemplate};

pub(super) static TEMPLATES: &[TaskTemplate] = &[
    TaskTemplate {
        name: "shop_add_to_cart",
        apps: &["shop"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Add the {product} to the {cart}",
            "Put {product} into my {cart} in {shop}",
            "I want to buy {product} later, add it to the {cart}",
            "{product} into the {cart} please",
        ],
        build: add_to_cart,
    },
    TaskTemplate {
        name: "shop_add_two",
        apps: &["shop"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Put two {product} into the {cart}",
            "Add {product} to the {cart}, 2 of them",
            "I need 2 {product} in my {cart}",
            "Add two pieces of {product} to the {cart}",
        ],
        build: add_two,
    },
    TaskTemplate {
        name: "shop_wish",
        apps: &["shop"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Add {product} to the {wishlist}",
            "Save {product} on my {wishlist}",
            "Put the {product} on the {wishlist} in {shop}",
            "I like the {product}, put it on my {wishlist}",
        ],
        build: wish,
    },
    TaskTemplate {
        name: "shop_buy",
        apps: &["shop"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Buy the {product}",
            "Order {product} in {shop} and pay for it",
            "Please buy {product} for me",
            "Purchase the {product} with standard shipping",
        ],
        build: buy,
    },
    TaskTemplate {
        name: "shop_buy_express",
        apps: &["shop"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Buy the {product} with {express} shipping",
            "Order {product} and choose {express} for the delivery",
            "I need {product} tomorrow: buy it with {express}",
            "Purchase {product}, shipping {express}",
        ],
        build: buy_express,
    },
    TaskTemplate {
        name: "shop_empty_cart",
        apps: &["shop"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Remove {product} from the {cart}",
            "Take the {product} out of my {cart}",
            "I do not want {product} any more, remove it from the {cart}",
            "Delete {product} from my {cart} in {shop}",
        ],
        build: remove_from_cart,
    },
    TaskTemplate {
        name: "shop_price_of",
        apps: &["shop"],
        difficulty: Difficulty::Medium,
        kind: Kind::Answer,
        wordings: &[
            "What does {product} cost?",
            "How much is the {product}?",
            "Tell me the price of {product} in {shop}",
            "Price of {product}?",
        ],
        build: price_of,
    },
    TaskTemplate {
        name: "shop_tell_price",
        apps: &["shop", "messages"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Add {product} to the {cart} and write {text} to {person}",
            "Put {product} into the {cart}, then send {person} the message {text}",
            "First add the {product} to the {cart}, then tell {person}: {text}",
        ],
        build: tell,
    },
];

fn add_to_cart(b: &mut TaskBuilder<'_>) -> Task {
    let product = some_product(b);
    let plan = search_for(&product).tap("add_to_cart");
    Task::reach(move |phone| phone.app::<Shop>().cart == [(product.id, 1)], plan)
}

fn add_two(b: &mut TaskBuilder<'_>) -> Task {
    let product = some_product(b);
    let id = product.id;
    let plan = search_for(&product).tap_unless("add_to_cart", move |phone| phone.app::<Shop>().in_cart(id) >= 2);
    Task::reach(move |phone| phone.app::<Shop>().cart == [(id, 2)], plan)
}

fn wish(b: &mut TaskBuilder<'_>) -> Task {
    let product = some_product(b);
    b.phone.app_mut::<Shop>().wishlist.retain(|id| *id != product.id);
    let plan = search_for(&product).tap("wish");
    Task::reach(move |phone| phone.app::<Shop>().wishlist.contains(&product.id), plan)
}

fn buy(b: &mut TaskBuilder<'_>) -> Task {
    let product = some_product(b);
    let plan = into_cart(&product).tap("checkout").set("standard", true).tap("pay").tap("confirm_payment");
    bought(product.id, Shipping::Standard, plan)
}

fn buy_express(b: &mut TaskBuilder<'_>) -> Task {
    let product = some_product(b);
    b.label("express", "shop", "express");
    let plan = into_cart(&product).tap("checkout").set("express", true).tap("pay").tap("confirm_payment");
    bought(product.id, Shipping::Express, plan)
}

/// One order, of one piece of one product.
fn bought(id: u32, shipping: Shipping, plan: Plan) -> Task {
    let once = move |phone: &SimPhone| match phone.app::<Shop>().orders.as_slice() {
        [order] => order.items == [(id, 1)] && order.shipping == shipping,
        _ => false,
    };
    Task::reach(once, plan)
}

fn remove_from_cart(b: &mut TaskBuilder<'_>) -> Task {
    let product = some_product(b);
    let others: Vec<u32> =
        b.phone.app::<Shop>().products.iter().map(|other| other.id).filter(|id| *id != product.id).collect();
    let other = b.choose(&others);
    b.phone.app_mut::<Shop>().cart = vec![(other, 1), (product.id, 1)];
    let plan = Plan::in_app("shop").tap("cart").tap(format!("remove_{}", product.id));
    Task::reach(move |phone| phone.app::<Shop>().cart == [(other, 1)], plan)
}

fn price_of(b: &mut TaskBuilder<'_>) -> Task {
    let product = some_product(b);
    Task::answer([price(product.price)], search_for(&product).see("price"))
}

fn tell(b: &mut TaskBuilder<'_>) -> Task {
    let product = some_product(b);
    let chats = &b.phone.app::<Messages>().chats;
    let people: Vec<(u32, String)> =
        chats.iter().filter(|chat| !chat.archived).map(|chat| (chat.id, chat.with.clone())).collect();
    let (chat, person) = b.choose(&people);
    let text =
        b.choose(&["I found the gift", "It is in the cart", "I will order it tonight", "Is this the right one?"]);
    b.param("person", &person).param("text", text);
    let id = product.id;
    let plan = search_for(&product)
        .tap("add_to_cart")
        .until(move |phone| phone.app::<Shop>().in_cart(id) > 0)
        .open("messages")
        .tap(format!("chat_{chat}"))
        .type_into("draft", text)
        .tap("send");
    let reached =
        move |phone: &SimPhone| phone.app::<Shop>().cart == [(id, 1)] && phone.app::<Messages>().sent(&person, text);
    Task::reach(reached, plan)
}

/// A product that can be bought, as `{product}`; the cart is empty.
fn some_product(b: &mut TaskBuilder<'_>) -> Product {
    let products: Vec<Product> =
        b.phone.app::<Shop>().products.iter().filter(|product| product.in_stock).cloned().collect();
    let product = b.choose(&products);
    b.phone.app_mut::<Shop>().cart.clear();
    b.param("shop", b.phone.app_name("shop")).param("product", &product.name);
    b.label("cart", "shop", "cart").label("wishlist", "shop", "wishlist");
    product
}

/// The product's page, by way of the search.
fn search_for(product: &Product) -> Plan {
    let key = format!("product_{}", product.id);
    Plan::in_app("shop").tap("search").type_into("search_field", product.name.clone()).tap(key)
}

/// Puts one piece into the cart and opens it.
fn into_cart(product: &Product) -> Plan {
    let id = product.id;
    let wanted = move |phone: &SimPhone| phone.app::<Shop>().in_cart(id) > 0;
    search_for(product).tap_unless("add_to_cart", wanted).tap("cart").when(wanted)
}
