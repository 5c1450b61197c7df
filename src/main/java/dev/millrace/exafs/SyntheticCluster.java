package dev.millrace.exafs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A uranium atom of the fluorite lattice with its neighbours by distance, and the shortest scattering paths among them. Immutable.
 */
final class SyntheticCluster {
    private static final double LATTICE = 5.468;
    private static final double SMALLEST_RADIUS = 6.8;
    private static final double LARGEST_RADIUS = 12;
    private static final double RADIUS_STEP = 1.3;
    private static final double OXYGEN_TREMBLE = 0.075;
    private static final double URANIUM_TREMBLE = 0.045;

    private record Site(double x, double y, double z, boolean uranium) {
        double distance() {
            return Math.sqrt(x * x + y * y + z * z);
        }
    }

    private record Candidate(int[] path, double halfLength) {}

    private final List<Site> sites;
    private final List<int[]> paths;

    private SyntheticCluster(List<Site> sites, List<int[]> paths) {
        this.sites = sites;
        this.paths = paths;
    }

    /** A cluster large enough for so many paths. */
    static SyntheticCluster withPaths(int count) {
        for (double radius = SMALLEST_RADIUS; radius <= LARGEST_RADIUS; radius += RADIUS_STEP) {
            List<Site> sites = sites(radius);
            List<int[]> paths = shortest(sites, count);
            if (paths.size() == count) {
                return new SyntheticCluster(sites, paths);
            }
        }
        throw new IllegalArgumentException("Expected fewer paths, found " + count + ".");
    }

    private static List<Site> sites(double radius) {
        List<Site> sites = new ArrayList<>();
        int cells = (int) Math.ceil(radius / LATTICE * 4) + 1;
        double quarter = LATTICE / 4;
        for (int x = -cells; x <= cells; x++) {
            for (int y = -cells; y <= cells; y++) {
                for (int z = -cells; z <= cells; z++) {
                    boolean even = x % 2 == 0 && y % 2 == 0 && z % 2 == 0;
                    boolean odd = x % 2 != 0 && y % 2 != 0 && z % 2 != 0;
                    boolean uranium = even && (x + y + z) % 4 == 0;
                    Site site = new Site(x * quarter, y * quarter, z * quarter, uranium);
                    if ((uranium || odd) && site.distance() <= radius) {
                        sites.add(site);
                    }
                }
            }
        }
        sites.sort(Comparator.comparingDouble(Site::distance)
                .thenComparingDouble(Site::x)
                .thenComparingDouble(Site::y)
                .thenComparingDouble(Site::z));
        return List.copyOf(sites);
    }

    /** There and back, over two atoms, and over one atom twice with the absorber between: of all, the shortest. */
    private static List<int[]> shortest(List<Site> sites, int count) {
        double[][] at = positions(sites);
        List<Candidate> candidates = new ArrayList<>();
        double longest = sites.get(sites.size() - 1).distance();
        for (int i = 1; i < sites.size(); i++) {
            add(candidates, at, longest, 0, i);
            add(candidates, at, longest, 0, i, 0, i);
            for (int j = i + 1; j < sites.size(); j++) {
                add(candidates, at, longest, 0, i, j);
            }
        }
        candidates.sort(Comparator.comparingDouble(Candidate::halfLength));
        return candidates.stream().limit(count).map(Candidate::path).toList();
    }

    /* Beyond the radius of the cluster some of the paths of a length would be missing. */
    private static void add(List<Candidate> candidates, double[][] at, double longest, int... path) {
        double halfLength = halfLength(path, at);
        if (halfLength <= longest) {
            candidates.add(new Candidate(path, halfLength));
        }
    }

    private static double[][] positions(List<Site> sites) {
        return sites.stream().map(site -> new double[] {site.x, site.y, site.z}).toArray(double[][]::new);
    }

    /** Atoms of a path by their places in the cluster, 0 first, which is the absorber. */
    int[] path(int i) {
        return paths.get(i);
    }

    boolean isUranium(int atom) {
        return sites.get(atom).uranium;
    }

    /** Positions of all atoms, Å, rounded as FEFF prints them: the absorber stays where it is. */
    double[][] displaced(double stretch, SplittableRandom random) {
        double[][] moved = new double[sites.size()][];
        for (int i = 0; i < moved.length; i++) {
            Site site = sites.get(i);
            double tremble = i == 0 ? 0 : site.uranium ? URANIUM_TREMBLE : OXYGEN_TREMBLE;
            moved[i] = new double[] {
                rounded(site.x * stretch + tremble * random.nextGaussian()),
                rounded(site.y * stretch + tremble * random.nextGaussian()),
                rounded(site.z * stretch + tremble * random.nextGaussian())
            };
        }
        return moved;
    }

    private static double rounded(double coordinate) {
        return Math.rint(coordinate * 1e4) / 1e4;
    }

    static double distance(double[] a, double[] b) {
        double x = a[0] - b[0];
        double y = a[1] - b[1];
        double z = a[2] - b[2];
        return Math.sqrt(x * x + y * y + z * z);
    }

    /** Half the length of all legs, the way back included, Å. */
    static double halfLength(int[] path, double[][] positions) {
        double length = 0;
        for (int i = 0; i < path.length; i++) {
            length += distance(positions[path[i]], positions[path[(i + 1) % path.length]]);
        }
        return length / 2;
    }
}
