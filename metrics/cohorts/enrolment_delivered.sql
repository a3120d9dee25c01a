-- One row per home municipality and spring whose 15 October enrolment has been delivered for its residents.
-- Years: upper_secondary_years 0
SELECT DISTINCT
    home_municipality,
    spring
FROM upper_secondary_years
WHERE home_municipality IS NOT NULL
