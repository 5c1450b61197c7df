package dev.millrace.chart;

import java.util.Locale;

/** What is drawn around the data. */
enum Ink implements Paint {
    GROUND("#ffffff", "#171b21"),
    TEXT("#1f2933", "#e4e7eb"),
    MUTED("#52606d", "#a3b0bd"),
    GRID("#e6eaee", "#2b323b"),
    AXIS("#9aa5b1", "#616e7c"),
    BAND("#5b7fa3", "#7f9fbf"),
    OTHER_BAND("#a08a4f", "#bfa76a"),
    FAILED_BAND("#c2402f", "#e06a58"),
    WARNING("#b3261e", "#ff7b6e");

    private final String light;
    private final String dark;

    Ink(String light, String dark) {
        this.light = light;
        this.dark = dark;
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
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
