//! The channels by which a petition comes (信访形式), by the codes that an intake carries.
//!
//! That an agent brought it (信访代理) or a leader received it (领导接访) is no channel of its own: it came some way, and the
//! intake says the other beside it.

/// A channel: code, Chinese, English.
pub type Channel = (&'static str, &'static str, &'static str);

/// All of them.
pub const CHANNELS: [Channel; 11] = [
    ("LET", "来信", "letter"),
    ("VIS", "来访", "visit"),
    ("WEB", "网上投诉", "online"),
    ("TEL", "电话", "telephone"),
    ("SMS", "手机短信", "text message"),
    ("VID", "视频信访", "video"),
    ("FAX", "传真", "fax"),
    ("EML", "电子邮件", "e-mail"),
    ("APP", "手机应用", "mobile app"),
    ("WCH", "微信", "WeChat"),
    ("OTH", "其他", "other"),
];

/// The channel of a code.
#[must_use]
pub fn channel(code: &str) -> Option<&'static Channel> {
    CHANNELS.iter().find(|row| row.0 == code)
}
