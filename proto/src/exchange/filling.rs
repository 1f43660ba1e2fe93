//! What the rows that Terrace makes hold, field by field, and what they leave empty.
//!
//! [`Row::of`](super::Row::of) does what stands here; a test holds the two together, another one `docs/EXCHANGE.md`.

use Filling::{Empty, Written};

use super::{Block, Field};

/// Whether a row that Terrace makes fills a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filling {
    /// With this, where it is known.
    Written(&'static str),
    /// Never, and why.
    Empty(&'static str),
}

const OF_ACCUSED: &str = "涉及被反映人，一律不写 about the accused: never written";
const OF_PERSON: &str = "信访人身份密封，一律不写 who the petitioner is is sealed: never written";
const ROOT_ALONE: &str = "只有总节点可知 only the root could know it";
const NO_TABLE: &str = "代码表未见 the table of codes was not found";
const NOT_TAKEN_DOWN: &str = "不予记录 not taken down";
const PETITIONERS_ALONE: &str = "查询码只给信访人 the code is the petitioner's alone";

/// The fields of the petition, in their order.
const OF_PETITION: [(Field, Filling); 42] = [
    (Field::Division, Written("登记单位的 12 位区划代码 the 12 digits of the registering office")),
    (
        Field::Id,
        Written(
            "事项标识；来自国家系统的件保留原 id the case id; a record of the national system keeps its own",
        ),
    ),
    (Field::Number, Written("信访编号 the case number")),
    (Field::QueryCodeState, Empty(PETITIONERS_ALONE)),
    (Field::QueryCode, Empty(PETITIONERS_ALONE)),
    (
        Field::PetitionedOn,
        Written("提出之时，否则收到之日 when it was submitted, or else the day it was received"),
    ),
    (
        Field::Channel,
        Written(
            "信访形式的中文名（代码表未见）the channel's name in Chinese: the table of codes was not found",
        ),
    ),
    (Field::Persons, Written("人次，如已记录 persons, where they were taken down")),
    (Field::PersonsConcerned, Empty(NOT_TAKEN_DOWN)),
    (Field::OfficeName, Written("登记单位名称 its name")),
    (Field::OfficeCode, Written("登记单位区划代码前 6 位 the first 6 digits of its division")),
    (
        Field::Section,
        Written(
            "登记机构在本单位内的代码；信访局为空 the organ's code within the office; empty for the petition office",
        ),
    ),
    (
        Field::RegisteredBy,
        Written("工作人员工号，如已记录 the officer's staff number, where one was given"),
    ),
    (Field::RegisteredAt, Written("登记之时 when it was recorded")),
    (Field::Summary, Written("标题 the title")),
    (Field::Content, Written("内容 the text")),
    (Field::Addressee, Empty(NOT_TAKEN_DOWN)),
    (
        Field::State,
        Written(
            "主导办理链的状态名（代码表未见）the leading thread's state in Chinese: the table of codes was not found",
        ),
    ),
    (
        Field::FirstHere,
        Empty("不查信访人则不可知 it cannot be known without looking the petitioner up"),
    ),
    (Field::FirstNationally, Empty(ROOT_ALONE)),
    (
        Field::Repeated,
        Written(
            "已关联为同一事项则为 1，否则为空 1 where the case is linked as the same matter as another, else empty",
        ),
    ),
    (Field::Place, Written("问题属地前 6 位 the first 6 digits of the place")),
    (Field::Category, Written("内容分类，如为 6 位数字 the category, where it has 6 digits")),
    (
        Field::Purpose,
        Written(
            "“其他”为 99，余者代码表未见 99 for other (其他); the table of the rest was not found",
        ),
    ),
    (Field::Cause, Empty(NOT_TAKEN_DOWN)),
    (Field::FirstOffice, Empty(ROOT_ALONE)),
    (Field::FirstOn, Empty(ROOT_ALONE)),
    (Field::Crossing, Written("已申报则为 1 1 where it was declared")),
    (Field::Backlog, Written("已列入积案则为 1 1 where the case was listed")),
    (Field::Review, Written("有复查阶段则为 1 1 where there is a review")),
    (Field::Reexamination, Written("有复核阶段则为 1 1 where there is a re-examination")),
    (
        Field::Done,
        Written("主导办理链已到终点则为 1 1 where the leading thread has come to its end"),
    ),
    (Field::DoneAudited, Empty("无此程序 Terrace has no such step")),
    (Field::Joint, Written("多人或推选代表则为 1 1 for several persons or representatives")),
    (
        Field::Publishable,
        Written("信访人签署的公开意愿，否则为空 the petitioner's signed word, else empty"),
    ),
    (
        Field::Urgent,
        Written("已报告或甄别为紧急则为 1 1 where it was reported or sorted as urgent"),
    ),
    (
        Field::Anonymous,
        Written("有密封身份则为 0，否则为空 0 where an identity is sealed, else empty"),
    ),
    (Field::HotTopic, Empty(NO_TABLE)),
    (Field::System, Empty(NO_TABLE)),
    (
        Field::DueAt,
        Written("当前最先到期之日的 23:59:59 the end of the first day on which something is due"),
    ),
    (Field::Attachments, Empty("附件不随记录交换 attachments are not exchanged")),
    (Field::Procedure, Written("适用简易办理则写明 the simple procedure, where it was chosen")),
];

impl Field {
    /// Whether Terrace fills it.
    #[must_use]
    pub fn filling(self) -> Filling {
        match self.block() {
            Block::Petition => {
                let told = OF_PETITION.iter().find(|row| row.0 == self);
                told.map_or(Empty(NOT_TAKEN_DOWN), |row| row.1)
            }
            Block::Accused => Empty(OF_ACCUSED),
            Block::Person => Empty(OF_PERSON),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_petition_is_told_in_its_place() {
        let of_petition = Field::all().filter(|field| field.block() == Block::Petition);
        assert!(of_petition.eq(OF_PETITION.iter().map(|row| row.0)));
        let of_people = Field::all().filter(|field| field.block() != Block::Petition);
        assert!(of_people.map(Field::filling).all(|filling| matches!(filling, Empty(_))));
    }
}
