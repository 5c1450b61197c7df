package dev.millrace.chart;

import dev.millrace.chart.Canvas.Lettering;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.util.function.ToDoubleFunction;

/** How text comes onto an image. */
sealed interface Letters permits Letters.OfFont, StrokeLetters {
    /** Draws text from a place on its base line on, in the colour that is set. */
    void draw(Graphics2D graphics, double x, double y, String text, Lettering lettering);

    double width(String text, Lettering lettering);

    /** Those of a font if this machine has one, found out once; else our own. */
    static Letters available() {
        return Available.LETTERS;
    }

    /** Holds what the probe found. */
    final class Available {
        static final Letters LETTERS = probe(lettering -> new OfFont().width("Millrace 0", lettering));

        private Available() {}

        /** Java without fontconfig or without any font fails in several ways as soon as a letter is measured. */
        static Letters probe(ToDoubleFunction<Lettering> width) {
            try {
                boolean works = width.applyAsDouble(new Lettering(Ink.TEXT, 12, false)) > 0;
                return works ? new OfFont() : new StrokeLetters();
            } catch (RuntimeException | LinkageError | InternalError e) {
                return new StrokeLetters();
            }
        }
    }

    /** The sans serif font of the machine. */
    final class OfFont implements Letters {
        private static final FontRenderContext CONTEXT = new FontRenderContext(null, true, true);

        @Override
        public void draw(Graphics2D graphics, double x, double y, String text, Lettering lettering) {
            graphics.setFont(font(lettering));
            graphics.drawString(text, (float) x, (float) y);
        }

        @Override
        public double width(String text, Lettering lettering) {
            return font(lettering).getStringBounds(text, CONTEXT).getWidth();
        }

        private static Font font(Lettering lettering) {
            int style = lettering.bold() ? Font.BOLD : Font.PLAIN;
            return new Font(Font.SANS_SERIF, style, 1).deriveFont((float) lettering.size());
        }
    }
}
