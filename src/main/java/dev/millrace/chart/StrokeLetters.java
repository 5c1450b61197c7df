package dev.millrace.chart;

import dev.millrace.chart.Canvas.Lettering;
import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;

/**
 * Letters drawn with a pen, for machines without fonts. Each is a few strokes on a grid of our own: pairs of digits x y, y
 * upwards, 0 the lowest point of a g, 2 the base line, 7 the height of an x, 9 that of an H. Letters with marks are drawn
 * without them; of other scripts there are boxes.
 */
final class StrokeLetters implements Letters {
    private static final int BASE_LINE = 2;
    /** Of a grid unit, in parts of the letter size: the H is 0.72 high, as in usual fonts. */
    private static final double UNIT = 0.72 / 7;

    private static final double PEN = 0.085;
    private static final double BOLD_PEN = 0.135;
    private static final double SPACE = 3.2;
    private static final String UNKNOWN = "02 09 49 42 02";

    /** Letter, then its strokes: points are separated by spaces, strokes by slashes. */
    private static final String GLYPHS = """
            A 02 29 42/15 35
            B 02 09 39 48 47 36 06/36 45 43 32 02
            C 48 39 19 08 03 12 32 43
            D 02 09 29 47 44 22 02
            E 42 02 09 49/06 36
            F 02 09 49/06 36
            G 48 39 19 08 03 12 32 43 45 25
            H 02 09/42 49/06 46
            I 02 09
            J 39 33 22 12 03
            K 02 09/49 05/16 42
            L 09 02 42
            M 02 09 35 69 62
            N 02 09 42 49
            O 12 03 08 19 39 48 43 32 12
            P 02 09 39 48 46 35 05
            Q 12 03 08 19 39 48 43 32 12/34 51
            R 02 09 39 48 46 35 05/25 42
            S 48 39 19 08 07 16 36 45 43 32 12 03
            T 29 22/09 49
            U 09 03 12 32 43 49
            V 09 22 49
            W 09 12 37 52 69
            X 02 49/09 42
            Y 09 25 49/25 22
            Z 09 49 02 42
            a 37 32/36 27 17 06 03 12 22 33
            b 09 02/06 17 27 36 33 22 12 03
            c 36 27 17 06 03 12 22 33
            d 39 32/36 27 17 06 03 12 22 33
            e 05 35 36 27 17 06 03 12 22 33
            f 29 18 12/07 27
            g 37 31 20 10 01/36 27 17 06 03 12 22 33
            h 09 02/06 17 27 36 32
            i 02 07/09
            j 17 11 00/19
            k 09 02/37 04/15 32
            l 09 03 12
            m 02 07/06 17 27 36 32/36 47 57 66 62
            n 02 07/06 17 27 36 32
            o 12 03 06 17 27 36 33 22 12
            p 00 07/06 17 27 36 33 22 12 03
            q 30 37/36 27 17 06 03 12 22 33
            r 02 07/05 06 17 27
            s 36 27 17 06 15 24 33 22 12 03
            t 19 13 22/07 27
            u 07 03 12 22 33/37 32
            v 07 22 47
            w 07 12 36 52 67
            x 02 37/07 32
            y 07 22/47 22 10
            z 07 37 02 32
            0 12 03 08 19 39 48 43 32 12
            1 07 29 22/02 42
            2 08 19 39 48 46 02 42
            3 08 19 39 48 47 36 16/36 45 43 32 12 03
            4 32 39 04 44
            5 49 09 06 36 45 43 32 12 03
            6 48 39 19 08 03 12 32 43 45 36 16 05
            7 09 49 22
            8 16 07 08 19 39 48 47 36 16 05 03 12 32 43 45 36
            9 03 12 32 43 48 39 19 08 06 15 35 46
            . 02
            , 12 01
            : 02/06
            ; 06/12 01
            ! 09 04/02
            ? 08 19 39 48 47 25 24/22
            ' 09 07
            " 09 07/29 27
            ( 29 07 04 22
            ) 09 27 24 02
            [ 29 09 02 22
            ] 09 29 22 02
            { 29 18 16 05 14 13 22
            } 09 18 16 25 14 13 02
            / 01 39
            \\ 09 31
            | 09 00
            - 05 25
            _ 01 41
            + 05 45/27 23
            = 06 46/04 44
            < 37 05 33
            > 07 35 03
            * 28 24/07 45/05 47
            # 12 29/32 49/04 44/07 57
            % 02 69/19 08 17 28 19/54 43 52 63 54
            & 52 07 08 19 29 38 37 04 03 12 22 44
            @ 46 36 25 24 33 44 47 38 18 07 03 12 42
            $ 48 39 19 08 07 16 36 45 43 32 12 03/29 22
            ^ 07 29 47
            ` 09 17
            ~ 04 15 24 35
            ° 19 08 17 28 19
            · 05
            − 05 45
            – 05 45
            — 05 65
            × 03 37/07 33
            ∞ 14 05 16 26 44 54 65 56 46 24 14
            ± 06 46/28 24/02 42
            µ 00 07/03 12 22 33/37 32
            … 02/22/42
            Δ 02 29 42 02
            """;

    private static final Map<Integer, Glyph> GLYPH_OF = parse();

    /** Strokes in grid units from the left edge and the base line on. */
    private record Glyph(double[][] strokes, double width) {}

    @Override
    public void draw(Graphics2D graphics, double x, double y, String text, Lettering lettering) {
        double unit = lettering.size() * UNIT;
        Path2D.Double path = new Path2D.Double();
        double left = x;
        for (int letter : letters(text)) {
            Glyph glyph = glyph(letter);
            for (double[] stroke : glyph.strokes) {
                path.moveTo(left + (stroke[0] + 1) * unit, y - stroke[1] * unit);
                for (int i = 2; i < stroke.length; i += 2) {
                    path.lineTo(left + (stroke[i] + 1) * unit, y - stroke[i + 1] * unit);
                }
            }
            left += glyph.width * unit;
        }
        double pen = lettering.size() * (lettering.bold() ? BOLD_PEN : PEN);
        graphics.setStroke(new BasicStroke((float) pen, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.draw(path);
    }

    @Override
    public double width(String text, Lettering lettering) {
        double width = 0;
        for (int letter : letters(text)) {
            width += glyph(letter).width;
        }
        return width * lettering.size() * UNIT;
    }

    private static Glyph glyph(int letter) {
        return GLYPH_OF.getOrDefault(letter, GLYPH_OF.getOrDefault(0xFFFD, new Glyph(new double[0][], SPACE)));
    }

    /** Marks on letters are letters of their own in this form, and left out. */
    private static int[] letters(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFD)
                .codePoints()
                .filter(letter -> Character.getType(letter) != Character.NON_SPACING_MARK)
                .toArray();
    }

    private static Map<Integer, Glyph> parse() {
        Map<Integer, Glyph> glyphs = new HashMap<>();
        GLYPHS.lines().forEach(line -> glyphs.put(line.codePointAt(0), glyph(line.substring(2))));
        glyphs.put((int) ' ', new Glyph(new double[0][], SPACE));
        glyphs.put(0xFFFD, glyph(UNKNOWN));
        return glyphs;
    }

    private static Glyph glyph(String definition) {
        String[] strokes = definition.split("/", -1);
        double[][] places = new double[strokes.length][];
        double width = 0;
        for (int i = 0; i < strokes.length; i++) {
            String[] points = strokes[i].split(" ", -1);
            // One point is a dot: a stroke too short to be seen as one.
            places[i] = new double[2 * Math.max(2, points.length)];
            for (int point = 0; point < places[i].length / 2; point++) {
                String digits = points[Math.min(point, points.length - 1)];
                places[i][2 * point] = digits.charAt(0) - '0';
                places[i][2 * point + 1] = digits.charAt(1) - '0' - BASE_LINE + (point < points.length ? 0 : 0.2);
                width = Math.max(width, places[i][2 * point]);
            }
        }
        return new Glyph(places, width + 2);
    }
}
