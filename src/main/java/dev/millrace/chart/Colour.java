package dev.millrace.chart;

import java.util.List;
import java.util.Locale;

/**
 * Colours that people who do not tell red from green can tell apart too: the set of Okabe and Ito (Color Universal Design, 2008)
 * without its yellow, which is too pale on white, and with a grey-blue for what stands in the background. On dark ground they are
 * lighter by as much as keeps their contrast.
 */
public enum Colour implements Paint {
    BLUE("#0072b2", "#4ba9e0", 32),
    VERMILION("#d55e00", "#f28a3c", 166),
    GREEN("#009e73", "#2fc79a", 36),
    PURPLE("#cc79a7", "#dd96bd", 175),
    SKY("#56b4e9", "#7cc8f2", 74),
    ORANGE("#e69f00", "#f0b93a", 214),
    /** What is there for comparison, or below other lines. */
    BACKGROUND("#9dbad3", "#567896", 245);

    /** In the order in which lines that ask for nothing take them. */
    static final List<Colour> IN_ORDER = List.of(BLUE, VERMILION, GREEN, PURPLE, SKY, ORANGE);

    private final String light;
    private final String dark;
    private final int terminal;

    Colour(String light, String dark, int terminal) {
        this.light = light;
        this.dark = dark;
        this.terminal = terminal;
    }

    /** The colour of the line number {@code place}, from 0 on; after the sixth they begin again. */
    public static Colour ofLine(int place) {
        return IN_ORDER.get(Math.floorMod(place, IN_ORDER.size()));
    }

    @Override
    public String light() {
        return light;
    }

    @Override
    public String dark() {
        return dark;
    }

    @Override
    public String css() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The nearest of the 256 colours of a terminal. */
    int terminal() {
        return terminal;
    }
}
