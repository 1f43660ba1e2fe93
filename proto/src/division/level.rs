//! [`Level`] and [`Kind`]: how high a place stands, and what sort of place it is.
//!
//! The level follows from the code and orders the rungs from the hub down. The kind is a fact of the
//! table and decides one thing: whether a place has a node. Both carry a Chinese and an English name
//! for people.
//!
//! They never carry a rule of law or of routing beyond that one decision.

/// A rung of the hierarchy; the hub is the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The root: the whole country.
    Hub,
    /// 省级: provinces, autonomous regions and the four municipalities.
    Province,
    /// 地级: prefecture-level cities, prefectures, leagues.
    Prefecture,
    /// 县级: counties, districts and county-level cities.
    County,
    /// 乡级: streets, towns and townships.
    Township,
    /// 村级: villages and residents' committees. They have codes but stand in no table here.
    Village,
}

/// What sort of place a division is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The root of the tree.
    Hub,
    /// A place with a government, from province to county.
    Admin,
    /// A pseudo-prefecture that only gathers what stands directly under a province.
    Virtual,
    /// A development or functional zone: counted by statistics, no government.
    Zone,
    /// A place of the Xinjiang Production and Construction Corps, which has its own hierarchy.
    Corps,
    /// 街道.
    Street,
    /// 镇.
    Town,
    /// 乡.
    Township,
    /// A unit that resembles a township and is not confirmed by civil affairs.
    Quasi,
}

impl Level {
    /// The Chinese name.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Hub => "全国",
            Self::Province => "省级",
            Self::Prefecture => "地级",
            Self::County => "县级",
            Self::Township => "乡级",
            Self::Village => "村级",
        }
    }

    /// The English name, in lower case.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Province => "province",
            Self::Prefecture => "prefecture",
            Self::County => "county",
            Self::Township => "township",
            Self::Village => "village",
        }
    }
}

impl Kind {
    /// Whether a place of this kind has a node.
    #[must_use]
    pub const fn has_node(self) -> bool {
        match self {
            Self::Hub | Self::Admin | Self::Street | Self::Town | Self::Township => true,
            Self::Virtual | Self::Zone | Self::Corps | Self::Quasi => false,
        }
    }

    /// The Chinese name.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Hub => "全国",
            Self::Admin => "行政区",
            Self::Virtual => "虚设区划",
            Self::Zone => "功能区",
            Self::Corps => "兵团",
            Self::Street => "街道",
            Self::Town => "镇",
            Self::Township => "乡",
            Self::Quasi => "类似乡级单位",
        }
    }

    /// The English name, in lower case where English allows it.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Admin => "administrative division",
            Self::Virtual => "pseudo-prefecture",
            Self::Zone => "functional zone",
            Self::Corps => "Xinjiang Corps",
            Self::Street => "street",
            Self::Town => "town",
            Self::Township => "township",
            Self::Quasi => "quasi-township",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_from_the_hub_down() {
        let down = [
            Level::Hub,
            Level::Province,
            Level::Prefecture,
            Level::County,
            Level::Township,
            Level::Village,
        ];
        assert!(down.is_sorted());
    }

    #[test]
    fn four_kinds_have_no_node() {
        let without = [Kind::Virtual, Kind::Zone, Kind::Corps, Kind::Quasi];
        let with = [Kind::Hub, Kind::Admin, Kind::Street, Kind::Town, Kind::Township];
        assert!(without.iter().all(|kind| !kind.has_node()));
        assert!(with.iter().all(|kind| kind.has_node()));
    }
}
