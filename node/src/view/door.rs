//! Where to turn when somebody is leaned on for a case (打击报复; R2005 3, R2022 18, 46(6)): the words on every receipt and
//! notice.

use terrace_proto::division::{DivisionCode, Tree};

use super::name_of;

/// In Chinese and in English, for a paper of `office`.
#[must_use]
pub fn door(office: DivisionCode) -> (String, String) {
    let (zh, en) = match Tree::national().superior(office) {
        Some(above) => (
            format!("{}或者更上级", name_of(above)),
            format!("{} or an office further up", name_of(above)),
        ),
        None => (name_of(office), name_of(office)),
    };
    (
        format!(
            "因信访受到打击报复的，可以凭本件在任何信访部门（不限于本单位）举报，也可以直接向{zh}举报：举报密封送交{zh}的纪检监察机构，经办过本事项的单位均看不到。"
        ),
        format!(
            "If anybody leans on you for this petition, report it with this paper at any office, not only this one, or at {en}: the report is sealed for the discipline organ there, and no office that has handled the case can read it."
        ),
    )
}
