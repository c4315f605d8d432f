//! The words by which risky actions are known, by language.
//!
//! To add a language, add its lines to [`PHRASES`], [`NEGATIONS`] and [`CONSENT`]. Everything is lower case and without
//! apostrophes. A phrase matches whole words in this order (`pay now` in `Pay now: $12`, but not in `Pay nowhere`);
//! phrases in scripts that put no spaces between words match anywhere.

use super::Risk;

/// A phrase on the control that is pressed, or on the dialog that an "OK" answers.
pub(super) const PHRASES: &[(Risk, &[&str])] = &[
    // English
    (
        Risk::Paying,
        &[
            "pay",
            "pay now",
            "buy",
            "buy now",
            "purchase",
            "place order",
            "place your order",
            "order now",
            "confirm order",
            "subscribe",
            "donate",
            "top up",
            "transfer money",
            "send money",
            "confirm payment",
            "complete payment",
            "bid",
        ],
    ),
    (
        Risk::Sending,
        &["send", "post", "publish", "share", "submit", "tweet", "reply all", "call now", "dial", "broadcast"],
    ),
    (
        Risk::Deleting,
        &[
            "delete",
            "remove",
            "erase",
            "wipe",
            "uninstall",
            "discard",
            "clear all",
            "clear data",
            "clear storage",
            "clear history",
            "empty trash",
            "empty bin",
            "factory reset",
            "reset all",
            "reset settings",
            "reset phone",
            "format storage",
            "overwrite",
            "unfriend",
        ],
    ),
    (
        Risk::Granting,
        &[
            "allow",
            "grant",
            "permit",
            "authorize",
            "while using the app",
            "only this time",
            "install",
            "install anyway",
        ],
    ),
    // German
    (
        Risk::Paying,
        &["bezahlen", "zahlen", "kaufen", "bestellen", "zahlungspflichtig", "überweisen", "abonnieren", "spenden"],
    ),
    (Risk::Sending, &["senden", "absenden", "abschicken", "veröffentlichen", "teilen", "posten", "weiterleiten"]),
    (Risk::Deleting, &["löschen", "entfernen", "deinstallieren", "verwerfen", "zurücksetzen", "formatieren", "leeren"]),
    (Risk::Granting, &["zulassen", "erlauben", "gewähren", "bei nutzung der app", "nur dieses mal", "installieren"]),
    // French
    (Risk::Paying, &["payer", "acheter", "commander", "sabonner", "faire un don", "virer"]),
    (Risk::Sending, &["envoyer", "publier", "partager", "transférer", "soumettre"]),
    (Risk::Deleting, &["supprimer", "effacer", "désinstaller", "retirer", "réinitialiser", "vider"]),
    (Risk::Granting, &["autoriser", "permettre", "lorsque vous utilisez lappli", "installer"]),
    // Spanish and Portuguese
    (
        Risk::Paying,
        &["pagar", "comprar", "hacer pedido", "suscribirse", "donar", "fazer pedido", "assinar", "doar", "transferir"],
    ),
    (Risk::Sending, &["enviar", "publicar", "compartir", "reenviar", "compartilhar", "partilhar", "encaminhar"]),
    (
        Risk::Deleting,
        &["eliminar", "borrar", "quitar", "desinstalar", "restablecer", "excluir", "apagar", "remover", "redefinir"],
    ),
    (Risk::Granting, &["permitir", "conceder", "autorizar", "instalar"]),
    // Italian
    (Risk::Paying, &["paga", "pagare", "acquista", "compra", "ordina", "abbonati"]),
    (Risk::Sending, &["invia", "inviare", "pubblica", "condividi", "inoltra"]),
    (Risk::Deleting, &["elimina", "eliminare", "cancella", "rimuovi", "disinstalla", "ripristina"]),
    (Risk::Granting, &["consenti", "autorizza", "installa"]),
    // Russian
    (Risk::Paying, &["оплатить", "купить", "заказать", "оформить заказ", "подписаться", "перевести"]),
    (Risk::Sending, &["отправить", "опубликовать", "поделиться", "переслать"]),
    (Risk::Deleting, &["удалить", "стереть", "очистить", "сбросить"]),
    (Risk::Granting, &["разрешить", "установить"]),
    // Chinese
    (Risk::Paying, &["支付", "付款", "购买", "立即购买", "提交订单", "转账", "充值", "订阅"]),
    (Risk::Sending, &["发送", "发布", "分享", "转发", "提交"]),
    (Risk::Deleting, &["删除", "移除", "清空", "清除", "卸载", "重置", "恢复出厂"]),
    (Risk::Granting, &["允许", "授权", "安装"]),
    // Japanese
    (Risk::Paying, &["支払", "購入", "注文を確定", "送金", "課金"]),
    (Risk::Sending, &["送信", "投稿", "共有", "転送"]),
    (Risk::Deleting, &["削除", "消去", "アンインストール", "リセット"]),
    (Risk::Granting, &["許可", "インストール"]),
    // Korean
    (Risk::Paying, &["결제", "구매", "주문하기", "송금"]),
    (Risk::Sending, &["보내기", "전송", "게시", "공유"]),
    (Risk::Deleting, &["삭제", "제거", "초기화"]),
    (Risk::Granting, &["허용", "설치"]),
];

/// A label that begins with one of these refuses, whatever follows: `Don't allow`.
pub(super) const NEGATIONS: &[&str] = &[
    "dont",
    "do not",
    "deny",
    "cancel",
    "never",
    "not now",
    "keep",
    "undo",
    "nicht",
    "abbrechen",
    "ablehnen",
    "ne pas",
    "refuser",
    "annuler",
    "no permitir",
    "cancelar",
    "não permitir",
    "non consentire",
    "annulla",
    "не разрешать",
    "отмена",
    "不允许",
    "取消",
    "拒绝",
    "許可しない",
    "キャンセル",
    "허용 안함",
    "취소",
];

/// A label that only agrees: what it agrees to stands in the dialog's text.
pub(super) const CONSENT: &[&str] = &[
    "ok",
    "okay",
    "yes",
    "confirm",
    "continue",
    "proceed",
    "accept",
    "agree",
    "i agree",
    "apply",
    "ja",
    "bestätigen",
    "weiter",
    "akzeptieren",
    "oui",
    "confirmer",
    "continuer",
    "accepter",
    "valider",
    "sí",
    "si",
    "aceptar",
    "confirmar",
    "continuar",
    "sim",
    "aceitar",
    "accetta",
    "conferma",
    "continua",
    "да",
    "ок",
    "подтвердить",
    "продолжить",
    "确定",
    "确认",
    "是",
    "继续",
    "同意",
    "はい",
    "確認",
    "同意する",
    "続行",
    "확인",
    "예",
    "계속",
    "동의",
];

/// Words in the name or package of an app in which agreeing means paying.
pub(super) const PAYING_APPS: &[&str] =
    &["pay", "wallet", "bank", "banking", "paypal", "alipay", "venmo", "payments", "checkout"];

/// Words in the name or package of an app in which the enter key sends.
pub(super) const CHAT_APPS: &[&str] = &[
    "messages",
    "messaging",
    "message",
    "messenger",
    "sms",
    "mms",
    "chat",
    "whatsapp",
    "telegram",
    "signal",
    "wechat",
    "discord",
    "slack",
    "skype",
    "viber",
    "line",
];

/// Words in the hint of a field whose enter key looks something up and sends nothing.
pub(super) const SEARCH_FIELDS: &[&str] = &[
    "search",
    "find",
    "filter",
    "url",
    "address bar",
    "suche",
    "suchen",
    "rechercher",
    "buscar",
    "pesquisar",
    "cerca",
    "поиск",
    "搜索",
    "検索",
    "검색",
];

/// Words in the package of the system's own dialogs, where anything but a refusal grants something.
pub(super) const GRANTING_APPS: &[&str] = &["permissioncontroller", "packageinstaller", "grantpermissions"];
