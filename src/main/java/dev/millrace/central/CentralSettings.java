package dev.millrace.central;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which database, and how to copy to it. Immutable; {@link #toString} shows no password.
 *
 * <p>The URL is that of the PostgreSQL driver, {@code jdbc:postgresql://host:5432/database?sslmode=verify-full}; its options, those
 * for TLS among them, are passed on. {@code currentSchema=NAME} chooses where the tables are. Without a password here the driver
 * looks into the file that {@code PGPASSFILE} names, or {@code ~/.pgpass}.
 */
public final class CentralSettings {
    private static final String PREFIX = "jdbc:postgresql:";
    private static final Pattern SECRET = Pattern.compile("(?i)[?&](ssl)?password=|://[^/@?]*:[^/@?]*@");

    private final String url;
    private final @Nullable String user;
    private final @Nullable String password;
    private final int batchPoints;
    private final Duration interval;
    private final Duration longestPause;

    private CentralSettings(
            String url,
            @Nullable String user,
            @Nullable String password,
            int batchPoints,
            Duration interval,
            Duration longestPause) {
        this.url = url;
        this.user = user;
        this.password = password;
        this.batchPoints = batchPoints;
        this.interval = interval;
        this.longestPause = longestPause;
    }

    /**
     * 20,000 points a transaction, a look at the file every second, pauses of up to a minute while the database is away.
     *
     * @throws IllegalArgumentException if it is no URL of PostgreSQL, or has a password in it
     */
    public static CentralSettings of(String url) {
        if (!url.toLowerCase(Locale.ROOT).startsWith(PREFIX)) {
            throw new IllegalArgumentException("Cannot use the central database: expected a URL " + PREFIX
                    + "//HOST/DATABASE, found another kind.");
        }
        if (SECRET.matcher(url).find()) {
            throw new IllegalArgumentException(
                    "Cannot use the central database: expected a URL without a password, found one."
                            + " URLs end up in process lists and logs; use an environment variable or a password file.");
        }
        return new CentralSettings(url, null, null, 20_000, Duration.ofSeconds(1), Duration.ofMinutes(1));
    }

    /** The same as a user, unless the URL names one. */
    public CentralSettings withUser(@Nullable String name) {
        return new CentralSettings(url, name, password, batchPoints, interval, longestPause);
    }

    /** The same with a password. */
    public CentralSettings withPassword(@Nullable String secret) {
        return new CentralSettings(url, user, secret, batchPoints, interval, longestPause);
    }

    /** The same with another number of points in a transaction. */
    public CentralSettings withBatch(int points) {
        if (points < 1 || points > 1_000_000) {
            throw new IllegalArgumentException("Expected 1..1000000 points a batch, found " + points + ".");
        }
        return new CentralSettings(url, user, password, points, interval, longestPause);
    }

    /** The same at another pace, and with another limit of the pauses while the database is away. */
    public CentralSettings withPace(Duration look, Duration longest) {
        if (look.isNegative() || look.isZero() || longest.compareTo(look) < 0) {
            throw new IllegalArgumentException(
                    "Expected an interval > 0 and pauses of at least it, found " + look + " and " + longest + ".");
        }
        return new CentralSettings(url, user, password, batchPoints, look, longest);
    }

    String url() {
        return url;
    }

    @Nullable
    String user() {
        return user;
    }

    @Nullable
    String password() {
        return password;
    }

    int batchPoints() {
        return batchPoints;
    }

    Duration interval() {
        return interval;
    }

    Duration longestPause() {
        return longestPause;
    }

    /** Host and database, for people; without options. */
    String place() {
        return url.substring(PREFIX.length()).replaceFirst("\\?.*", "").replaceFirst("^//", "");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CentralSettings same
                && url.equals(same.url)
                && Objects.equals(user, same.user)
                && Objects.equals(password, same.password)
                && batchPoints == same.batchPoints
                && interval.equals(same.interval)
                && longestPause.equals(same.longestPause);
    }

    @Override
    public int hashCode() {
        return Objects.hash(url, user, batchPoints, interval, longestPause);
    }

    @Override
    public String toString() {
        return "CentralSettings[" + place() + "]";
    }
}
