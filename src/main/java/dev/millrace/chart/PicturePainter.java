package dev.millrace.chart;

import dev.millrace.chart.Canvas.Anchor;
import dev.millrace.chart.Canvas.Box;
import dev.millrace.chart.Canvas.Lettering;
import java.util.ArrayList;
import java.util.List;

/** Places the panels of a picture. */
final class PicturePainter {
    static final Lettering TITLE = new Lettering(Ink.TEXT, 17, true);
    static final Lettering SUBTITLE = new Lettering(Ink.MUTED, 13, false);
    private static final double EDGE = 14;
    private static final double GAP = 22;

    private PicturePainter() {}

    static void paint(Canvas canvas, Picture picture, double width, double height) {
        double top = EDGE;
        if (!picture.title().isEmpty()) {
            String title = canvas.fit(PlainText.visible(picture.title()), TITLE, width - 2 * EDGE);
            canvas.text(EDGE, top + 15, Anchor.START, title, TITLE);
            top += 26;
        }
        if (!picture.subtitle().isEmpty()) {
            String subtitle = canvas.fit(PlainText.visible(picture.subtitle()), SUBTITLE, width - 2 * EDGE);
            canvas.text(EDGE, top + 11, Anchor.START, subtitle, SUBTITLE);
            top += 22;
        }
        int columns = picture.columns();
        int rows = Math.max(1, picture.rows());
        double cellWidth = (width - 2 * EDGE - (columns - 1) * GAP) / columns;
        // Below the last of panels that share an axis there is its scale.
        double scale = picture.sharedX() ? PanelPainter.SCALE : 0;
        double cellHeight = (height - EDGE / 2 - top - (rows - 1) * GAP / 2 - scale) / rows;
        List<PanelPainter> painters = painters(canvas, picture, cellWidth, cellHeight);
        double left =
                painters.stream().mapToDouble(PanelPainter::leftMargin).max().orElse(0);
        double right =
                painters.stream().mapToDouble(PanelPainter::rightMargin).max().orElse(0);
        for (int i = 0; i < painters.size(); i++) {
            boolean last = i + columns >= painters.size();
            double x = EDGE + i % columns * (cellWidth + GAP);
            int row = i / columns;
            double y = top + row * (cellHeight + GAP / 2);
            Box cell = new Box(x, y, x + cellWidth, y + cellHeight + (last ? scale : 0));
            painters.get(i).paint(cell, left, right, last || !picture.sharedX());
        }
    }

    private static List<PanelPainter> painters(Canvas canvas, Picture picture, double width, double height) {
        Extent shared = Extent.NONE;
        if (picture.sharedX()) {
            for (Panel panel : picture.panels()) {
                shared = shared.with(panel.xExtent());
            }
        }
        List<PanelPainter> painters = new ArrayList<>();
        for (int i = 0; i < picture.panels().size(); i++) {
            Panel panel = picture.panels().get(i);
            boolean stagesNamed = !picture.sharedX() || i < picture.columns();
            Extent x = picture.sharedX() ? shared : panel.xExtent();
            painters.add(new PanelPainter(canvas, panel, x, width, height, stagesNamed));
        }
        return painters;
    }
}
