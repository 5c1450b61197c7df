package dev.millrace.cli;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A synthetic SQLite file as a user might bring it, with nothing of ours in it: houses and their districts, and small pictures of
 * digits. A row depends on seed and number only. Immutable.
 *
 * <p>The price of a house, in thousands, is a smooth function of its columns and noise of {@link #NOISE}: no model can have a smaller mean
 * absolute error than {@link #LEAST_ERROR}, but by chance.
 *
 * @param houses how many houses there are
 * @param digits how many pictures there are
 */
record TableSample(int houses, int digits, long seed) {
    /** Standard deviation of what a price has beside its columns. */
    static final double NOISE = 12;

    /** Mean absolute error of who knows all but the noise. */
    static final double LEAST_ERROR = NOISE * Math.sqrt(2 / Math.PI);

    private static final int SIDE = 16;
    private static final double VALIDATION_SHARE = 0.2;
    private static final List<String> DISTRICTS =
            List.of("harbour", "old town", "riverside", "hill", "station", "meadows", "mill", "forest");

    private static final List<String> HEATINGS = List.of("gas", "oil", "heat pump", "district");
    private static final double[] HEATING_FACTORS = {1, 0.92, 1.12, 1.04};

    /** Segments of each digit: top, upper left, upper right, middle, lower left, lower right, bottom. */
    private static final String[] SEGMENTS = {
        "1110111", "0010010", "1011101", "1011011", "0111010", "1101011", "1101111", "1010010", "1111111", "1111011"
    };

    /** Ends of the segments: x and y of both, of a box from 0 to 1. */
    private static final double[][] LINES = {
        {0, 0, 1, 0},
        {0, 0, 0, 0.5},
        {1, 0, 1, 0.5},
        {0, 0.5, 1, 0.5},
        {0, 0.5, 0, 1},
        {1, 0.5, 1, 1},
        {0, 1, 1, 1}
    };

    private static final String[] TABLES = {
        "CREATE TABLE district (id INTEGER PRIMARY KEY, name TEXT NOT NULL, centre_km REAL NOT NULL)",
        "CREATE TABLE house (id INTEGER PRIMARY KEY, district_id INTEGER NOT NULL REFERENCES district (id),"
                + " area REAL NOT NULL, rooms INTEGER NOT NULL, built INTEGER NOT NULL, heating TEXT, garden REAL,"
                + " split TEXT NOT NULL, price REAL NOT NULL)",
        "CREATE TABLE digit (id INTEGER PRIMARY KEY, pixels BLOB NOT NULL, label INTEGER NOT NULL)"
    };

    /** Writes a new file. */
    void write(Path file) {
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute(TABLES);
            try (BulkWriter writer = new BulkWriter(database, BulkWriter.DEFAULT_ROWS)) {
                for (int i = 0; i < DISTRICTS.size(); i++) {
                    writer.insert(
                            "INSERT INTO district (id, name, centre_km) VALUES (?, ?, ?)",
                            (long) i + 1,
                            DISTRICTS.get(i),
                            distance(i));
                }
                for (int id = 1; id <= houses; id++) {
                    house(writer, id);
                }
                for (int id = 1; id <= digits; id++) {
                    writer.insert(
                            "INSERT INTO digit (id, pixels, label) VALUES (?, ?, ?)",
                            (long) id,
                            pixels(random(-id), label(id)),
                            (long) label(id));
                }
            }
        }
    }

    private SplittableRandom random(long id) {
        return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + id);
    }

    private static double distance(int district) {
        return 0.5 + 1.5 * district;
    }

    private void house(BulkWriter writer, long id) {
        SplittableRandom random = random(id);
        int district = random.nextInt(DISTRICTS.size());
        double area = Math.round(10 * Math.exp(4.5 + 0.4 * gaussian(random))) / 10.0;
        int rooms = (int) Math.max(1, Math.round(area / 25 + 0.7 * gaussian(random)));
        int built = 1900 + random.nextInt(125);
        int heating = random.nextInt(HEATINGS.size());
        boolean unknown = random.nextDouble() < 0.05;
        double garden = random.nextDouble() < 0.3 ? 0 : Math.round(20 * Math.exp(1.5 * random.nextDouble() + 1));
        double square = 1.6 + 2.4 * Math.exp(-distance(district) / 4);
        double age = 1 - 0.25 * Math.sin(Math.PI * (built - 1900) / 125.0);
        double price = area * square * age * HEATING_FACTORS[heating] + 0.15 * garden + 4 * rooms;
        writer.insert(
                "INSERT INTO house (id, district_id, area, rooms, built, heating, garden, split, price)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                id,
                (long) district + 1,
                area,
                (long) rooms,
                (long) built,
                unknown ? null : HEATINGS.get(heating),
                absent(garden),
                random.nextDouble() < VALIDATION_SHARE ? "val" : "train",
                price + NOISE * gaussian(random));
    }

    /** Who has no garden leaves the column empty. */
    private static @Nullable Double absent(double garden) {
        return garden == 0 ? null : (Double) garden;
    }

    private static int label(int id) {
        return id % SEGMENTS.length;
    }

    /** Strokes of a digit somewhere in the picture, leaning, of some strength, on noise: one byte a pixel, row by row. */
    private static byte[] pixels(SplittableRandom random, int label) {
        double width = 4 + 3 * random.nextDouble();
        double height = 7 + 4 * random.nextDouble();
        double left = 1.5 + (SIDE - 3 - width) * random.nextDouble();
        double top = 1.5 + (SIDE - 3 - height) * random.nextDouble();
        double lean = 1.5 * (random.nextDouble() - 0.5);
        double stroke = 0.6 + 0.5 * random.nextDouble();
        double ink = 140 + 115 * random.nextDouble();
        byte[] pixels = new byte[SIDE * SIDE];
        for (int at = 0; at < pixels.length; at++) {
            int line = at / SIDE;
            double y = (line - top) / height;
            double x = (at % SIDE - left + lean * (y - 0.5)) / width;
            double near = Double.POSITIVE_INFINITY;
            for (int segment = 0; segment < LINES.length; segment++) {
                if (SEGMENTS[label].charAt(segment) == '1') {
                    near = Math.min(near, distance(LINES[segment], x, y, width, height));
                }
            }
            double shade = ink * Math.min(1, Math.max(0, stroke + 0.5 - near)) + 12 * gaussian(random) + 20;
            pixels[at] = (byte) Math.round(Math.min(255, Math.max(0, shade)));
        }
        return pixels;
    }

    /** From a point to a line that is upright or level, in pixels. */
    private static double distance(double[] line, double x, double y, double width, double height) {
        double nearestX = Math.min(Math.max(x, line[0]), line[2]);
        double nearestY = Math.min(Math.max(y, line[1]), line[3]);
        return Math.hypot((x - nearestX) * width, (y - nearestY) * height);
    }

    private static double gaussian(RandomGenerator random) {
        return random.nextGaussian();
    }
}
