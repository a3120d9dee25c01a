-- One row per home municipality: the last spring whose 15 October enrolment has been delivered for its residents.
SELECT
    home_municipality,
    max(spring) AS last_spring
FROM upper_secondary_years
WHERE home_municipality IS NOT NULL
GROUP BY
    home_municipality
