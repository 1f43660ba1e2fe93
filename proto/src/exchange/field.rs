//! The fields of the national record, as they are named there, each with its form.
//!
//! The names are those of an `INTERFACE_XFJ` table in public code, whose record of the petition has 48 fields: the 47 of
//! the first two blocks here and `yybz`, which is [`Forbidden`](super::Forbidden). Of the person block the eight fields
//! are here that are known by name. \[C\]

use super::Form;

/// How many fields there are.
pub const FIELDS: usize = 55;

/// A field of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// 行政区划代码 (division).
    Division,
    /// 信访件id (id of the record).
    Id,
    /// 信访件编号 (number of the record).
    Number,
    /// 查询码状态 (state of the query code).
    QueryCodeState,
    /// 查询码 (query code).
    QueryCode,
    /// 信访日期 (when it was petitioned).
    PetitionedOn,
    /// 信访形式 (channel).
    Channel,
    /// 信访人数 (persons who petitioned).
    Persons,
    /// 涉及人数 (persons concerned).
    PersonsConcerned,
    /// 登记机构名称 (registering office).
    OfficeName,
    /// 登记机构代码 (code of the registering office).
    OfficeCode,
    /// 登记部门 (registering section).
    Section,
    /// 登记人 (registered by).
    RegisteredBy,
    /// 登记时间 (registered at).
    RegisteredAt,
    /// 概况信息 (summary).
    Summary,
    /// 投诉内容 (content).
    Content,
    /// 受信人 (addressee).
    Addressee,
    /// 信访件状态 (state).
    State,
    /// 本机构初次标志 (first at this office).
    FirstHere,
    /// 全国初次标志 (first in the country).
    FirstNationally,
    /// 重复信访标志 (repeated).
    Repeated,
    /// 问题属地代码 (place of the problem).
    Place,
    /// 内容分类代码 (category).
    Category,
    /// 信访目的代码 (purpose).
    Purpose,
    /// 信访原因代码 (cause).
    Cause,
    /// 首次信访机构 (first office).
    FirstOffice,
    /// 首次信访日期 (first petitioned on).
    FirstOn,
    /// 三跨三分离标志 (crossing).
    Crossing,
    /// 积案标志 (backlog).
    Backlog,
    /// 复查标志 (review).
    Review,
    /// 复核标志 (re-examination).
    Reexamination,
    /// 办结标志 (done).
    Done,
    /// 审核认定办结标志 (done, as audited).
    DoneAudited,
    /// 联名标志 (joint).
    Joint,
    /// 公开标志 (consent to publish).
    Publishable,
    /// 重大紧急标志 (urgent).
    Urgent,
    /// 匿名标志 (anonymous).
    Anonymous,
    /// 热点问题 (hot topic).
    HotTopic,
    /// 所属系统 (system it belongs to).
    System,
    /// 限办截止时间 (deadline).
    DueAt,
    /// 信访件附件 (attachments).
    Attachments,
    /// 被反映人级别 (level of the accused).
    AccusedLevel,
    /// 被反映人职务 (post of the accused).
    AccusedPost,
    /// 被反映人住址代码 (division of the accused).
    AccusedDivision,
    /// 被反映人住址名称 (address of the accused).
    AccusedAddress,
    /// 被反映人或单位 (accused person or unit).
    Accused,
    /// 办理程序 (procedure).
    Procedure,
    /// 姓名 (name).
    Name,
    /// 性别 (sex).
    Sex,
    /// 住址代码 (division of the address).
    AddressDivision,
    /// 证件类型 (kind of document, 111 a resident ID card).
    DocumentKind,
    /// 证件号码 (number of the document).
    DocumentNumber,
    /// 手机号 (telephone).
    Telephone,
    /// 户口所在地 (registered household).
    Household,
    /// 通信地址 (postal address).
    Address,
}

/// Whom a field is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// The petition.
    Petition,
    /// Whoever is complained of: checked when it is read, and never kept or written.
    Accused,
    /// The petitioner: checked when it is read, and never kept or written.
    Person,
}

/// The field, its code, its names in Chinese and English, its form.
type Told = (Field, &'static str, &'static str, &'static str, Form);

/// In the order of the columns, which is that of the enum.
const TOLD: [Told; FIELDS] = [
    (Field::Division, "xzqh", "行政区划代码", "division", Form::Division),
    (Field::Id, "xfjid", "信访件id", "id of the record", Form::Words),
    (Field::Number, "xfjbh", "信访件编号", "number of the record", Form::Words),
    (Field::QueryCodeState, "cxmzt", "查询码状态", "state of the query code", Form::Words),
    (Field::QueryCode, "cxm", "查询码", "query code", Form::Words),
    (Field::PetitionedOn, "xfrq", "信访日期", "when it was petitioned", Form::Moment),
    (Field::Channel, "xfxs", "信访形式", "channel", Form::Words),
    (Field::Persons, "xfrs", "信访人数", "persons who petitioned", Form::Number),
    (Field::PersonsConcerned, "sjrs", "涉及人数", "persons concerned", Form::Number),
    (Field::OfficeName, "djjgmc", "登记机构名称", "registering office", Form::Words),
    (Field::OfficeCode, "djjgdm", "登记机构代码", "code of the registering office", Form::Code(6)),
    (Field::Section, "djbm", "登记部门", "registering section", Form::Words),
    (Field::RegisteredBy, "djr", "登记人", "registered by", Form::Words),
    (Field::RegisteredAt, "djsj", "登记时间", "registered at", Form::Moment),
    (Field::Summary, "gkxx", "概况信息", "summary", Form::Words),
    (Field::Content, "tsnr", "投诉内容", "content", Form::Words),
    (Field::Addressee, "sxr", "受信人", "addressee", Form::Words),
    (Field::State, "xfjzt", "信访件状态", "state", Form::Words),
    (Field::FirstHere, "bjgccbz", "本机构初次标志", "first at this office", Form::Flag),
    (Field::FirstNationally, "qgccbz", "全国初次标志", "first in the country", Form::Flag),
    (Field::Repeated, "cfxfbz", "重复信访标志", "repeated", Form::Flag),
    (Field::Place, "wtsddm", "问题属地代码", "place of the problem", Form::Code(6)),
    (Field::Category, "nrfldm", "内容分类代码", "category", Form::Code(6)),
    (Field::Purpose, "xfmddm", "信访目的代码", "purpose", Form::Code(2)),
    (Field::Cause, "xfyydm", "信访原因代码", "cause", Form::Code(2)),
    (Field::FirstOffice, "scxfjg", "首次信访机构", "first office", Form::Words),
    (Field::FirstOn, "scxfrq", "首次信访日期", "first petitioned on", Form::Moment),
    (Field::Crossing, "sksflbz", "三跨三分离标志", "crossing", Form::Flag),
    (Field::Backlog, "jabz", "积案标志", "backlog", Form::Flag),
    (Field::Review, "fcbz", "复查标志", "review", Form::Flag),
    (Field::Reexamination, "fhbz", "复核标志", "re-examination", Form::Flag),
    (Field::Done, "bjbz", "办结标志", "done", Form::Flag),
    (Field::DoneAudited, "shrdbjbz", "审核认定办结标志", "done, as audited", Form::Flag),
    (Field::Joint, "lmbz", "联名标志", "joint", Form::Flag),
    (Field::Publishable, "gkbz", "公开标志", "consent to publish", Form::Flag),
    (Field::Urgent, "zdjjbz", "重大紧急标志", "urgent", Form::Flag),
    (Field::Anonymous, "nmbz", "匿名标志", "anonymous", Form::Flag),
    (Field::HotTopic, "rdwt", "热点问题", "hot topic", Form::Words),
    (Field::System, "ssxt", "所属系统", "system it belongs to", Form::Words),
    (Field::DueAt, "xbjzsj", "限办截止时间", "deadline", Form::Moment),
    (Field::Attachments, "xgfj", "信访件附件", "attachments", Form::Words),
    (Field::AccusedLevel, "bfyrjb", "被反映人级别", "level of the accused", Form::Words),
    (Field::AccusedPost, "bfyrzw", "被反映人职务", "post of the accused", Form::Words),
    (
        Field::AccusedDivision,
        "bfyrzzdm",
        "被反映人住址代码",
        "division of the accused",
        Form::Division,
    ),
    (Field::AccusedAddress, "bfyrzzmc", "被反映人住址名称", "address of the accused", Form::Words),
    (Field::Accused, "bfyrhdw", "被反映人或单位", "accused person or unit", Form::Words),
    (Field::Procedure, "blcx", "办理程序", "procedure", Form::Words),
    (Field::Name, "xm", "姓名", "name", Form::Words),
    (Field::Sex, "xb", "性别", "sex", Form::Words),
    (Field::AddressDivision, "zzdm", "住址代码", "division of the address", Form::Division),
    (
        Field::DocumentKind,
        "zjlx",
        "证件类型",
        "kind of document, 111 a resident ID card",
        Form::Code(3),
    ),
    (Field::DocumentNumber, "zjhm", "证件号码", "number of the document", Form::Words),
    (Field::Telephone, "sjh", "手机号", "telephone", Form::Words),
    (Field::Household, "hkszd", "户口所在地", "registered household", Form::Words),
    (Field::Address, "txdz", "通信地址", "postal address", Form::Words),
];

impl Field {
    /// All fields, in the order of the columns.
    pub fn all() -> impl Iterator<Item = Self> {
        TOLD.iter().map(|row| row.0)
    }

    /// The field of a heading: its code or its Chinese name, in whatever case and without blanks around it.
    #[must_use]
    pub fn of(heading: &str) -> Option<Self> {
        let heading = heading.trim();
        let named = TOLD.iter().find(|row| row.1.eq_ignore_ascii_case(heading) || row.2 == heading);
        named.map(|row| row.0)
    }

    /// Its code, the heading of its column.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.told().1
    }

    /// Its name in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.told().2
    }

    /// Its name in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.told().3
    }

    /// Its form.
    #[must_use]
    pub fn form(self) -> Form {
        self.told().4
    }

    /// Whom it is about.
    #[must_use]
    pub fn block(self) -> Block {
        if self >= Self::Name {
            return Block::Person;
        }
        let accused = (Self::AccusedLevel..=Self::Accused).contains(&self);
        if accused { Block::Accused } else { Block::Petition }
    }

    /// Whether no row can be reconciled without it: the number, the registering division, and when it was registered.
    #[must_use]
    pub fn is_needed(self) -> bool {
        [Self::Number, Self::Division, Self::RegisteredAt].contains(&self)
    }

    fn told(self) -> &'static Told {
        &TOLD[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_record_of_the_petition_has_48_fields_of_which_one_is_forbidden() {
        let of_petition = Field::all().filter(|field| field.block() != Block::Person).count();
        assert_eq!((of_petition, Field::all().count() - of_petition), (47, 8));
        assert!(Field::of("yybz").is_none());
        let accused = Field::all().filter(|field| field.block() == Block::Accused);
        assert!(
            accused.map(Field::code).eq(["bfyrjb", "bfyrzw", "bfyrzzdm", "bfyrzzmc", "bfyrhdw"])
        );
    }

    #[test]
    fn fields_stand_at_their_places_under_names_of_their_own() {
        let mut names = BTreeSet::new();
        for (at, field) in Field::all().enumerate() {
            assert_eq!(field as usize, at);
            assert!(names.insert(field.code()) && names.insert(field.zh()), "{field:?}");
            assert_eq!(Field::of(&format!(" {} ", field.code().to_uppercase())), Some(field));
        }
    }
}
