package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where χ of paths comes from: a database, a database of MD-EXAFS, or the path files themselves. All give the same paths in the
 * same order, by frame, atom, and number, and the same χ; a database what its files gave when it was built.
 *
 * <p>Streams: memory does not grow with what is taken. One thread at a time; who opens it closes it.
 */
public sealed interface ChiSource extends AutoCloseable permits DatabaseChiSource, DocumentChiSource, FileChiSource {
    /** Takes a path. */
    @FunctionalInterface
    interface PathSink {
        void accept(PathEntry path) throws IOException;
    }

    /** Takes a path with its χ, one value for each k of {@link #grid()}. The array is the caller's again afterwards. */
    @FunctionalInterface
    interface ChiSink {
        void accept(PathEntry path, double[] chi) throws IOException;
    }

    /** Takes the sum over an absorber's paths, {@code pathCount ≥ 1} of them. The array is the caller's again afterwards. */
    @FunctionalInterface
    interface SumSink {
        void accept(long frame, long atomId, long pathCount, double[] chi) throws IOException;
    }

    /**
     * Opens a database, of Millrace or of MD-EXAFS (its schema 1.0), for reading.
     *
     * @throws dev.millrace.sqlite.DatabaseException if it cannot be read, or is none of these
     * @throws UnavailableChiException if it has neither the χ that is wanted nor what that is computed from
     */
    static ChiSource openDatabase(Path file, ChiRequest request) {
        return DocumentSchema.isDocument(file)
                ? DocumentChiSource.open(file, request)
                : DatabaseChiSource.open(file, request);
    }

    /**
     * Opens the path files of a tree. Nothing is written there.
     *
     * @param threads that read files and compute, at least 1; the result does not depend on it
     * @param progress is told of the files read
     */
    static ChiSource ofFiles(FeffTree tree, ChiRequest request, int threads, BuildProgress progress) {
        return new FileChiSource(tree, request, threads, progress);
    }

    /** The k of every χ. */
    KGrid grid();

    /** What every χ is computed with. */
    ChiParameters parameters();

    /** Where it reads, for a message. */
    Path path();

    /** Gives the paths, without χ. */
    void paths(PathCriteria criteria, PathSink sink) throws IOException;

    /** Gives the paths with χ. */
    void chi(PathCriteria criteria, ChiSink sink) throws IOException;

    /** Gives the sum of χ over the paths of each absorber, added in ascending order of their numbers. */
    void sums(PathCriteria criteria, SumSink sink) throws IOException;

    /** How many absorbers there are that the criteria do not rule out by frame, atom or element. */
    long absorberCount(PathCriteria criteria) throws IOException;

    /** What is in it, in few words: {@code frames 100 … 120, 6 absorbers, 107 paths}. */
    String extent() throws IOException;

    /**
     * What a person should know of the paths that criteria take, once they were given: files that could not be used, χ that was
     * interpolated. Each a sentence.
     */
    List<String> warnings(PathCriteria criteria) throws IOException;

    @Override
    void close();
}
