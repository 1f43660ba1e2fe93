//! The export of a running office, and files that are none.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn running_office_exports_and_nothing_else_passes_for_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(folder.path(), &["41"]).await.unwrap();
    let intake = wire::IntakeRegistered {
        title: SECRET.into(),
        persons: 1,
        ..wire::IntakeRegistered::default()
    };
    let registration = wire::Registration {
        intake: Some(intake),
        received_on: None,
        past: None,
        petitioners: Vec::new(),
        coded: false,
    };
    let request = wire::RegisterRequest { hand: None, registrations: vec![registration] };
    offices[1].window().await.unwrap().register(request).await.unwrap();
    let node = binary("terrace-node").unwrap();
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let data = text(offices[1].folder.path());
    let file = folder.path().join("province.export");
    command(&node, &["audit", "export", &text(&file), "--data", &data]).await.unwrap();
    holds_no_words(&file);
    let root = command(&node, &["root", "--json", "--data", &data]).await.unwrap();
    let root: Value = serde_json::from_str(&root).unwrap();
    let root = root["root"].as_str().unwrap();
    let (code, lines) = check(&file, root, &[]).await;
    assert_eq!((code, named(&lines)), (0, vec![]), "{lines:?}");
    assert_eq!(lines.last().unwrap()["exporter"], "41");

    // Another root, a changed byte and a missing end are told from findings.
    assert_eq!(check(&file, &root_key(), &[]).await, (1, vec![]));
    let bytes = std::fs::read(&file).unwrap();
    let mut altered = bytes.clone();
    altered[bytes.len() / 2] ^= 1;
    for wrong in [&altered[..], &bytes[..bytes.len() - 1], &bytes[..bytes.len() / 2]] {
        std::fs::write(&file, wrong).unwrap();
        assert_eq!(check(&file, root, &[]).await, (1, vec![]));
    }
    let stopped = folder.path().join("stopped.export");
    for office in offices {
        office.stop().await.unwrap();
    }
    command(&node, &["audit", "export", &text(&stopped), "--data", &data]).await.unwrap();
    assert_eq!(check(&stopped, root, &[]).await.0, 0);
}
