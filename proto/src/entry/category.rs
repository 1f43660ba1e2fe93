//! The fields that matters are sorted into (内容分类), by the first two digits of a category's code.
//!
//! They are the seventeen of the national system, as a provincial deployment uses them (domain 2.11). What stands below
//! them is each office's own.

/// A field: the first two digits of its codes, Chinese, English.
pub type Field = (&'static str, &'static str, &'static str);

/// All of them.
pub const FIELDS: [Field; 17] = [
    ("01", "农村农业", "rural affairs and agriculture"),
    ("02", "国土资源", "land and resources"),
    ("03", "城乡建设", "urban and rural construction"),
    ("04", "劳动和社会保障", "labour and social security"),
    ("05", "卫生计生", "health and family planning"),
    ("06", "教育文体", "education, culture, sport"),
    ("07", "政法", "law and order"),
    ("08", "纪检监察", "discipline and supervision"),
    ("09", "组织人事", "organisation and personnel"),
    ("10", "党务政务", "party and government affairs"),
    ("11", "民政", "civil affairs"),
    ("12", "交通运输", "transport"),
    ("13", "环境保护", "environment"),
    ("14", "经济管理", "economy"),
    ("15", "商贸旅游", "commerce and tourism"),
    ("16", "科技与信息产业", "science and information technology"),
    ("99", "其他", "other"),
];

/// The field of a category's code, or of its first two digits.
#[must_use]
pub fn field(code: &str) -> Option<&'static Field> {
    let two = code.get(..2)?;
    FIELDS.iter().find(|row| row.0 == two)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_lies_in_the_field_of_its_first_two_digits() {
        assert_eq!(field("150201").map(|row| row.1), Some("商贸旅游"));
        assert_eq!(field("99"), FIELDS.last());
        for none in ["", "1", "170000", "农业"] {
            assert_eq!(field(none), None, "{none}");
        }
    }
}
