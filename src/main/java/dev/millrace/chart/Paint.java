package dev.millrace.chart;

/** What something is drawn with: a colour on light and one on dark ground. */
sealed interface Paint permits Colour, Ink {
    /** On light ground, as {@code #rrggbb}. */
    String light();

    /** On dark ground, as {@code #rrggbb}. */
    String dark();

    /** Its name in style sheets: lower case, unique among all paints. */
    String css();
}
