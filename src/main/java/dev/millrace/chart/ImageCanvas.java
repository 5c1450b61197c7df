package dev.millrace.chart;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Composite;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Draws on an image. */
final class ImageCanvas implements Canvas {
    private static final float[] DASHES = {6, 4};

    private final Graphics2D graphics;
    private final Letters letters;
    private final Deque<Clip> clips = new ArrayDeque<>();

    private record Clip(@Nullable Shape outer) {}

    ImageCanvas(Graphics2D graphics, Letters letters) {
        this.graphics = graphics;
        this.letters = letters;
    }

    @Override
    public void beginClip(Box frame, String name) {
        clips.push(new Clip(graphics.getClip()));
        graphics.clip(new Rectangle2D.Double(frame.left(), frame.top(), frame.width(), frame.height()));
    }

    @Override
    public void endClip() {
        graphics.setClip(clips.pop().outer());
    }

    @Override
    public void box(Box place, Paint paint, double opacity, String hint) {
        fill(new Rectangle2D.Double(place.left(), place.top(), place.width(), place.height()), paint, opacity);
    }

    @Override
    public void line(double x1, double y1, double x2, double y2, Stroke stroke) {
        draw(new Line2D.Double(x1, y1, x2, y2), stroke);
    }

    @Override
    public void trace(Trace trace, Stroke stroke) {
        Path2D.Double path = new Path2D.Double(Path2D.WIND_NON_ZERO, trace.size());
        boolean pen = false;
        for (int point = 0; point < trace.size(); point++) {
            if (trace.isGap(point)) {
                pen = false;
            } else if (pen) {
                path.lineTo(trace.x(point), trace.y(point));
            } else {
                path.moveTo(trace.x(point), trace.y(point));
                pen = true;
            }
        }
        draw(path, stroke);
    }

    @Override
    public void band(Trace upper, Trace lower, Paint paint, double opacity) {
        int from = 0;
        for (int point = 0; point <= upper.size(); point++) {
            if (point == upper.size() || upper.isGap(point)) {
                if (point > from) {
                    fill(area(upper, lower, from, point), paint, opacity);
                }
                from = point + 1;
            }
        }
    }

    private static Shape area(Trace upper, Trace lower, int from, int to) {
        Path2D.Double path = new Path2D.Double(Path2D.WIND_NON_ZERO, 2 * (to - from));
        path.moveTo(upper.x(from), upper.y(from));
        for (int point = from + 1; point < to; point++) {
            path.lineTo(upper.x(point), upper.y(point));
        }
        for (int point = to - 1; point >= from; point--) {
            path.lineTo(lower.x(point), lower.y(point));
        }
        path.closePath();
        return path;
    }

    @Override
    public void dot(double x, double y, double radius, Paint paint, String hint) {
        fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius), paint, 1);
    }

    @Override
    public void cross(double x, double y, String hint) {
        Stroke stroke = Stroke.of(Ink.WARNING, 2);
        line(x - 4, y - 4, x + 4, y + 4, stroke);
        line(x - 4, y + 4, x + 4, y - 4, stroke);
    }

    @Override
    public void text(double x, double y, Anchor anchor, String text, Lettering lettering) {
        if (text.isEmpty()) {
            return;
        }
        double width = anchor == Anchor.START ? 0 : width(text, lettering);
        double left = x - (anchor == Anchor.END ? width : width / 2);
        graphics.setColor(Color.decode(lettering.paint().light()));
        letters.draw(graphics, left, y, text, lettering);
    }

    @Override
    public double width(String text, Lettering lettering) {
        return letters.width(text, lettering);
    }

    private void draw(Shape shape, Stroke stroke) {
        graphics.setColor(Color.decode(stroke.paint().light()));
        float[] dashes = stroke.dashed() ? DASHES : null;
        graphics.setStroke(
                new BasicStroke((float) stroke.width(), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 1, dashes, 0));
        Composite before = graphics.getComposite();
        graphics.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, (float) stroke.opacity()));
        graphics.draw(shape);
        graphics.setComposite(before);
    }

    private void fill(Shape shape, Paint paint, double opacity) {
        graphics.setColor(Color.decode(paint.light()));
        Composite before = graphics.getComposite();
        graphics.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, (float) opacity));
        graphics.fill(shape);
        graphics.setComposite(before);
    }
}
