//! A text as a QR code, drawn as SVG: it prints sharp at any size, and no picture is fetched from anywhere.

use qrcode::{Color, EcLevel, QrCode};

/// White around the code, in modules, as readers need it (ISO/IEC 18004).
const QUIET: usize = 4;

/// The code of a text; `None` when it is too long for one.
pub(crate) fn svg(text: &str, label: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, colors) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        // A row of dark modules is one bar.
        for run in colors.chunk_by(|one, next| one == next) {
            if run[0] == Color::Dark {
                path +=
                    &format!("M{} {}h{}v1h-{}z", column + QUIET, row + QUIET, run.len(), run.len());
            }
            column += run.len();
        }
    }
    let side = width + 2 * QUIET;
    Some(format!(
        "<svg class=\"qr\" role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {side} {side}\" \
         shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a camera would see of the SVG: its dark bars, four points to a module.
    fn seen(svg: &str) -> (usize, Vec<bool>) {
        let side: usize = between(svg, "viewBox=\"0 0 ", " ").parse().unwrap();
        let mut dark = vec![false; side * side];
        for bar in between(svg, "<path d=\"", "\"").split_terminator('z') {
            let bar = bar.strip_prefix('M').unwrap();
            let (x, rest) = bar.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, _) = rest.split_once('v').unwrap();
            let [x, y, length] = [x, y, length].map(|number| number.parse::<usize>().unwrap());
            dark[y * side + x..][..length].fill(true);
        }
        (side, dark)
    }

    fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
        text.split_once(from).unwrap().1.split_once(to).unwrap().0
    }

    #[test]
    fn code_is_read_back_by_an_independent_reader() {
        let text = format!("terrace/receipt/410221101000\n{}\n\n— 杞县 x\n", "Ab9+/=".repeat(70));
        let (side, dark) = seen(&svg(&text, "").unwrap());
        let scale = 4;
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(side * scale, side * scale, |x, y| {
                if dark[y / scale * side + x / scale] { 0 } else { 255 }
            });
        let (_, read) = image.detect_grids()[0].decode().unwrap();
        assert_eq!(read, text);
        assert!(svg(&"x".repeat(4_000), "").is_none(), "longer than any code");
    }
}
